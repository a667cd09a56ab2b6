"""Messages as those libraries send them: read, with what cannot be read said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from contacts.problems import Problem, Refused
from contacts.rows import LONGEST_IDENTITY
from contacts.values import instant, is_storable
from events.rows import LONGEST_MESSAGE_ID, ContactRef, new_message_id, wrong_type_key

KINDS: Final = ("identify", "track", "page", "screen", "group", "alias")
SEEN: Final = {"page": "Page_visit", "screen": "Screen_view"}
OF_PAGE: Final = ("url", "path", "referrer", "title", "search")
ON_ITS_WAY: Final = timedelta(seconds=5)
"""Sent less than this before it came, by the sender's clock: that clock is right."""
UTM: Final = {"name": "campaign"} | {one: one for one in ("source", "medium", "term", "content")}


@dataclass(frozen=True, slots=True)
class Message:
    kind: str
    user_id: str
    anonymous_id: str
    message_id: str
    occurred_at: datetime
    previous_id: str = ""
    """Of `alias`."""
    group_id: str = ""
    event: str = ""
    """The type of the event; empty for messages that are none."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    """Of the person."""
    group_traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact(self) -> ContactRef:
        if self.user_id:
            return ContactRef("external_id", self.user_id)
        return ContactRef("anonymous_id", self.anonymous_id)


def read_message(
    raw: object, *, kind: str = "", around: Mapping[str, Any], now: datetime
) -> Message:
    """One message; `around` is what the batch says for all. Raises Refused when it is none."""
    if not isinstance(raw, dict):
        raise _refused("", "wrong_type", "A message is an object.")
    kind = kind or str(raw.get("type", "")).lower()
    if kind not in KINDS:
        raise _refused("type", "unknown_kind", f"The type is one of {', '.join(KINDS)}.")
    context = {**_object(around.get("context")), **_object(raw.get("context"))}
    traits = _object(raw.get("traits"))
    of_person = _object(context.get("traits"))
    user_id, anonymous_id = _id(raw, "userId"), _id(raw, "anonymousId")
    if kind == "alias" and not (user_id and raw.get("previousId")):
        raise _refused("", "no_identity", "alias needs userId and previousId.")
    if not (user_id or anonymous_id):
        raise _refused("", "no_identity", "userId or anonymousId is needed.")
    return Message(
        kind=kind,
        user_id=user_id,
        anonymous_id=anonymous_id,
        message_id=_message_id(raw.get("messageId"), now),
        occurred_at=_occurred_at(raw, around.get("sentAt"), now),
        previous_id=_id(raw, "previousId"),
        group_id=_id(raw, "groupId"),
        event=_event(kind, raw),
        properties=_properties(kind, raw, context),
        traits=of_person if kind == "group" else {**of_person, **traits},
        group_traits=traits if kind == "group" else {},
    )


def _refused(path: str, code: str, said: str) -> Refused:
    return Refused([Problem(path, code, said)])


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(raw: Mapping[str, Any], key: str) -> str:
    """Libraries send numbers as well; what is missing is the empty text."""
    value = raw.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > LONGEST_IDENTITY or not is_storable(value):
        said = f"{key} is a text of at most {LONGEST_IDENTITY} characters."
        raise _refused(key, "wrong_type", said)
    return value


def _message_id(value: object, now: datetime) -> str:
    if not isinstance(value, str) or not value:
        return new_message_id(now)
    if len(value) > LONGEST_MESSAGE_ID:
        return hashlib.sha256(value.encode()).hexdigest()
    return value


def _event(kind: str, raw: Mapping[str, Any]) -> str:
    if kind != "track":
        return SEEN.get(kind, "")
    event = raw.get("event")
    if wrong := wrong_type_key(event):
        raise _refused("event", "wrong_type", wrong)
    return str(event)


def _properties(kind: str, raw: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    properties = _object(raw.get("properties"))
    if kind not in SEEN:
        return properties
    page, campaign = _object(context.get("page")), _object(context.get("campaign"))
    named = {key: raw[key] for key in ("name", "category") if raw.get(key)}
    return {
        **{f"utm_{name}": campaign[key] for key, name in UTM.items() if campaign.get(key)},
        **{key: page[key] for key in OF_PAGE if page.get(key)},
        **named,
        **properties,
    }


def _occurred_at(raw: Mapping[str, Any], sent_at: object, now: datetime) -> datetime:
    """When it happened by our clock: what the sender's clock was wrong by is taken out.

    What a message took to come cannot be told from that. So a clock that is right stays as it is: two messages, one
    faster than the other, keep their order. With both times, somebody on the way has done all this already, and
    `timestamp` is right.
    """
    own = _time(raw.get("timestamp"))
    original = _time(raw.get("originalTimestamp"))
    sent = _time(raw.get("sentAt")) or _time(sent_at)
    if own and original:
        return own
    happened = original or own
    if happened is None:
        return now
    if sent is None or timedelta() <= now - sent < ON_ITS_WAY:
        return happened
    try:
        return now - (sent - happened)
    except OverflowError:
        return happened


def _time(value: object) -> datetime | None:
    """One without an offset is UTC, as everywhere in this protocol."""
    found = instant(value) if isinstance(value, str) else None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
