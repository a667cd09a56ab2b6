"""A campaign's content and a contact become the message that is handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from campaigns.channels.handing import Email, Outbound, Push, Sms
from campaigns.facts import PersonFacts, people_facts
from campaigns.keys import MessageKey
from campaigns.models import Campaign
from campaigns.plain_links import Links, PlainLinks
from campaigns.rendering import marks
from campaigns.rendering.email import EmailTemplate, compile_email, part
from campaigns.rendering.headers import is_address, is_one_line, one_line, sender_line
from campaigns.rendering.liquid import parsed
from campaigns.rendering.phones import phone_of
from campaigns.rendering.problems import TemplateProblem
from campaigns.rendering.push import fitted, is_fitting
from campaigns.rendering.values import clean, event_values, moment
from contacts.models import Channel
from segmentflow.clock import workspace_zone

__all__ = [
    "CannotCompose",
    "Composer",
    "Links",
    "Order",
    "PersonFacts",
    "PlainLinks",
    "WayLike",
    "people_facts",
]


T = TypeVar("T")


class CannotCompose(Exception):
    """The message cannot be made, for this contact or for anybody: why, as a sentence."""


class WayLike(Protocol):
    """What composing reads of campaigns.channels.ways.WayFacts."""

    @property
    def config(self) -> Mapping[str, Any]: ...


class Order(NamedTuple):
    """A message that is wanted."""

    person: PersonFacts
    key: MessageKey | None
    """None: a test or a preview, which counts nowhere."""
    context: Mapping[str, Any] | None = None
    """Of the triggering event: {"type", "occurred_at", "attributes"}."""
    address: str = ""
    """Where it goes; empty: the contact's own."""


class Composer:
    """Makes the messages of one campaign: compiled once, then composed for each contact.

    Raises CannotCompose at once when the content is broken for everybody. Everything that a
    template cannot find is empty. Links are made also for the key None, which counts nowhere.
    """

    def __init__(
        self,
        *,
        campaign: Campaign,
        content: Mapping[str, Any],
        way: WayLike,
        now: datetime,
        links: Links,
    ) -> None:
        self.channel = str(campaign.channel)
        self.config = way.config
        self.links = links
        self.zone = workspace_zone()
        at = moment(now, self.zone)
        self.shared = {
            "campaign": {"name": clean(campaign.name)},
            "now": at,
            "today": at.date(),
        }
        try:
            if self.channel == Channel.EMAIL:
                postal = str(self.config.get("postal_address") or "")
                self.email: EmailTemplate = compile_email(content, postal_address=clean(postal))
                self.sender = _email_sender(self.config)
            else:
                self.sender = one_line(str(self.config.get("sender") or ""))
                self.texts = {key: parsed(part(content, key)) for key in _PARTS[self.channel]}
        except TemplateProblem as problem:
            raise CannotCompose(f"The message is broken. {problem}") from problem

    def compose(
        self,
        person: PersonFacts,
        key: MessageKey | None,
        context: Mapping[str, Any] | None = None,
        *,
        address: str = "",
    ) -> Outbound:
        """Raises CannotCompose when it cannot be made for this contact."""
        made = self.compose_many([Order(person, key, context, address)])[0]
        if isinstance(made, CannotCompose):
            raise made
        return made

    def compose_many(self, orders: Sequence[Order]) -> list[Outbound | CannotCompose]:
        """The same for many, in their order; short links are made for all at once."""
        if self.channel == Channel.SMS:
            return self._sms(orders)
        make = self._email if self.channel == Channel.EMAIL else self._push
        return [_tried(make, order) for order in orders]

    def _values(self, order: Order, unsubscribe: str) -> dict[str, Any]:
        return {
            **self.shared,
            "contact": order.person.fields,
            "event": event_values(order.context, zone=self.zone),
            "unsubscribe_url": unsubscribe,
            "preferences_url": unsubscribe,
        }

    def _email(self, order: Order) -> Email:
        to = order.address or order.person.email
        if not is_address(to):
            raise CannotCompose("The address is not valid.")
        links, key = self.links, order.key
        unsubscribe = links.unsubscribe(key)
        rendered = self.email.render(
            self._values(order, unsubscribe),
            link=_follower(unsubscribe, links, key),
            pixel=links.pixel(key),
        )
        if not rendered.subject:
            raise CannotCompose("The subject is empty.")
        return Email(
            key=order.key,
            to=to,
            sender=self.sender,
            reply_to=one_line(str(self.config.get("reply_to") or "")),
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            headers=_headers(links.one_click(key)) if order.key else {},
        )

    def _push(self, order: Order) -> Push:
        links, key = self.links, order.key
        values = self._values(order, links.unsubscribe(key))
        found = {name: text.render(values).strip() for name, text in self.texts.items()}
        for name in ("url", "icon", "image"):
            if found[name] and not marks.is_web(found[name]):
                found[name] = ""
        if found["url"]:
            found["url"] = links.click(key, found["url"])
        found = fitted({**found, "title": one_line(found["title"])})
        if not found["title"]:
            raise CannotCompose("The title is empty.")
        if not is_fitting(found):
            raise CannotCompose("The message is too long for a push message.")
        return Push(
            key=order.key,
            to=order.address or order.person.external_id,
            browsers=order.person.browsers,
            **found,
        )

    def _sms(self, orders: Sequence[Order]) -> list[Outbound | CannotCompose]:
        texts = [_tried(self._sms_text, order) for order in orders]
        pairs = [
            (order.key, url)
            for order, text in zip(orders, texts, strict=True)
            if isinstance(text, str)
            for url in marks.bare_links(text)
            if marks.is_web(url)
        ]
        short = self.links.short(list(dict.fromkeys(pairs))) if pairs else {}
        return [
            text if isinstance(text, CannotCompose) else _tried(self._sms_of, order, text, short)
            for order, text in zip(orders, texts, strict=True)
        ]

    def _sms_text(self, order: Order) -> str:
        links, key = self.links, order.key
        return self.texts["text"].render(self._values(order, links.unsubscribe(key))).strip()

    def _sms_of(
        self, order: Order, text: str, short: Mapping[tuple[MessageKey | None, str], str]
    ) -> Sms:
        to = order.address or phone_of(
            order.person.phone, str(self.config.get("country_code") or "")
        )
        if not to:
            raise CannotCompose("The phone number is not valid.")
        text = marks.replace_bare(text, link=lambda url: short.get((order.key, url), url))
        if not text:
            raise CannotCompose("The text is empty.")
        return Sms(key=order.key, to=to, sender=self.sender, text=text)


_PARTS: Mapping[str, Iterable[str]] = {
    "sms": ("text",),
    "push": ("title", "body", "url", "icon", "image"),
}


def _tried(make: Callable[..., T], *args: Any) -> T | CannotCompose:
    try:
        return make(*args)
    except TemplateProblem as problem:
        return CannotCompose(f"The message cannot be made for this contact. {problem}")
    except CannotCompose as error:
        return error


def _follower(unsubscribe: str, links: Links, key: MessageKey | None) -> Callable[[str], str]:
    """Where a link of the message leads. One that could do harm leads nowhere."""
    known = {unsubscribe: unsubscribe}

    def follow(url: str) -> str:
        if (led := known.get(url)) is None:
            target = marks.target_of(url)
            led = url if target == "" else "#" if target is None else links.click(key, target)
            known[url] = led
        return led

    return follow


def _headers(one_click: str) -> dict[str, str]:
    """RFC 2369 and RFC 8058."""
    if not is_one_line(one_click) or ">" in one_click:
        raise CannotCompose("The address to unsubscribe is not valid.")
    return {
        "List-Unsubscribe": f"<{one_click}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _email_sender(config: Mapping[str, Any]) -> str:
    address = str(config.get("sender_address") or "").strip()
    return sender_line(str(config.get("sender_name") or ""), address)
