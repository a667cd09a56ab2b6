"""Push messages by somebody else: a provider of apps, or a gateway, that takes a request for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from campaigns.channels.adapters import Adapter, WayFacts
from campaigns.channels.gateway import GatewayCarrier, request_fields, request_problems
from campaigns.channels.handing import Handed, Outbound, Outcome, Push
from campaigns.channels.writing import key_text
from contacts.models import Channel
from contacts.problems import Problem

PLACES: Final = ("to", "title", "body", "url", "icon", "image", "id")
TEMPLATE: Final = (
    '{"id": "{id}", "to": "{to}", "title": "{title}", "body": "{body}", "url": "{url}",'
    ' "icon": "{icon}", "image": "{image}"}'
)


class PushGatewayCarrier(GatewayCarrier):
    """Who gets it is named by the external id: the gateway knows their devices."""

    def hand(self, message: Outbound) -> Handed:
        if not message.to:
            return Handed(Outcome.REFUSED, "The contact has no external id.")
        return super().hand(message)

    def values(self, message: Outbound) -> dict[str, str]:
        assert isinstance(message, Push)  # noqa: S101 - the channel's messages are
        return {
            "to": message.to,
            "title": message.title,
            "body": message.body,
            "url": message.url,
            "icon": message.icon,
            "image": message.image,
            "id": key_text(message.key) if message.key else "",
        }


def _problems(way: WayFacts) -> Sequence[Problem]:
    return request_problems(way, PLACES)


ADAPTERS: Final = (
    Adapter(
        name="push_gateway",
        label="HTTP gateway",
        channel=Channel.PUSH.value,
        open=PushGatewayCarrier,
        fields=request_fields(
            TEMPLATE,
            "Placeholders: {to} (the contact’s external id), {title}, {body}, {url}, {icon},"
            " {image} and {id}.",
        ),
        about="A provider of push messages to apps, or a gateway of your own network, that takes a"
        " request for each message. It knows the devices of each external id.",
        problems=_problems,
        at_once=4,
    ),
)
