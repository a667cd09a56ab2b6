"""Text messages by MessageFlow: its public API v2.1, one request for each message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from campaigns.channels.adapters import Adapter, Clock, Field, WayFacts
from campaigns.channels.handing import Handed, Outbound, Outcome, Sms
from campaigns.channels.hooks import hook_address, is_public
from campaigns.channels.http import Answer, Calling, ask, judged_status, timeouts_of
from campaigns.channels.writing import key_text, said
from contacts.models import Channel

NAME: Final = "messageflow"
API: Final = "https://api.messageflow.com"
IDS: Final = ("messageId", "message_id", "id")

FIELDS: Final = (
    Field(
        "authorization",
        "Authorization",
        is_secret=True,
        is_required=True,
        help="Both keys are shown once, when you make an API key for transactional SMS.",
    ),
    Field("application_key", "Application key", is_secret=True, is_required=True),
    Field("api_url", "Address of the API", kind="url", help=f"Empty: {API}."),
)


class MessageFlowCarrier(Calling):
    def __init__(self, way: WayFacts, clock: Clock) -> None:
        self._clock = clock
        self._url = f"{way.text('api_url', API).rstrip('/')}/v2.1/sms"
        secrets = way.secrets
        self._headers = {
            "Authorization": secrets.get("authorization", ""),
            "Application-Key": secrets.get("application_key", ""),
        }
        self._hook = hook_address(Channel.SMS.value, NAME) if is_public() else ""
        self._timeouts = timeouts_of(way)
        super().__init__()

    def hand(self, message: Outbound) -> Handed:
        assert isinstance(message, Sms)  # noqa: S101 - the channel's messages are
        body: dict[str, Any] = {
            "sender": message.sender,
            "message": message.text,
            "phoneNumbers": [message.to],
        }
        if message.key is not None:
            body["externalId"] = key_text(message.key)
            if self._hook:
                body["webhookUrl"] = self._hook
        answer = ask(
            self._session,
            "POST",
            self._url,
            timeouts=self._timeouts,
            json=body,
            headers=self._headers,
        )
        if isinstance(answer, Handed):
            return answer
        return self._judged(answer, message.to)

    def _judged(self, answer: Answer, address: str) -> Handed:
        if answer.is_success:
            found = next(_ids(answer.json()), "")
            return Handed(Outcome.ACCEPTED, provider_id=found[:200])
        words = said(answer.words(), address=address)
        return judged_status(answer, words, now=self._clock())


def _ids(told: Any, depth: int = 0) -> Iterator[str]:
    """The id of the one message, wherever in the answer it stands; the deepest is its own."""
    if depth > 4:
        return
    inner = (
        told if isinstance(told, list) else list(told.values()) if isinstance(told, dict) else []
    )
    for one in inner:
        if isinstance(one, dict | list):
            yield from _ids(one, depth + 1)
    if isinstance(told, dict):
        for name in IDS:
            if isinstance(value := told.get(name), str | int) and not isinstance(value, bool):
                yield str(value).replace("\0", "")


ADAPTERS: Final = (
    Adapter(
        name=NAME,
        label="MessageFlow",
        channel=Channel.SMS.value,
        open=MessageFlowCarrier,
        fields=FIELDS,
        about="Reports of delivery come by themselves when PUBLIC_URL can be reached from outside.",
        at_once=4,
    ),
)
