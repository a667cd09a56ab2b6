"""Decisions about consent as they are sent: their shape, checked before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contacts.models import Channel
from contacts.problems import Problem, quoted
from contacts.values import instant, named, wrong_text

CHANNELS: Final = tuple(Channel.values)
PREFIX: Final = "consents."
"""Before a channel, in the paths of problems and in the columns of files."""
STATES: Final = {"subscribed": True, "unsubscribed": False}
KEYS: Final = ("state", "at", "source")
LONGEST_SOURCE: Final = 200


@dataclass(frozen=True, slots=True)
class Decision:
    channel: str
    subscribed: bool
    source: str
    at: datetime | None = None
    """None: now, and worth a record only if it changes something. Without an offset it is
    local to the workspace."""


def state_of(*, subscribed: bool) -> str:
    return "subscribed" if subscribed else "unsubscribed"


def decisions_of(raw: Mapping[str, Any], *, source: str) -> tuple[Decision, ...]:
    """What `wrong_decisions` found nothing wrong with."""
    return tuple(decision_of(channel, value, source=source) for channel, value in raw.items())


def decision_of(channel: str, value: Any, *, source: str) -> Decision:
    if isinstance(value, bool):
        return Decision(channel, value, source)
    at = value.get("at")
    return Decision(
        channel,
        STATES[value["state"]],
        value.get("source") or source,
        None if at is None else instant(at),
    )


def wrong_decisions(raw: object) -> Iterator[Problem]:
    if raw is None:
        return
    if not isinstance(raw, dict):
        said = f"“consents” is an object such as {{“email”: true}}, not {named(raw)}."
        yield Problem("consents", "wrong_type", said)
        return
    for channel, value in raw.items():
        if channel not in CHANNELS:
            said = f"There is no channel {quoted(channel)}; there are {', '.join(CHANNELS)}."
            yield Problem(f"{PREFIX}{quoted(channel)[1:-1]}", "unknown_channel", said)
        else:
            yield from wrong_decision(value, f"{PREFIX}{channel}")


def wrong_decision(value: object, path: str) -> Iterator[Problem]:
    if isinstance(value, bool):
        return
    if value is None:
        said = "Nobody can be made never to have been asked. Send false to withdraw a consent."
        yield Problem(path, "wrong_type", said)
    elif not isinstance(value, dict):
        said = f"A consent is true, false or an object with a “state”, not {named(value)}."
        yield Problem(path, "wrong_type", said)
    else:
        yield from _wrong_members(value, path)


def _wrong_members(value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for key in value:
        if key not in KEYS:
            said = f"A consent has no {quoted(key)}; it has {', '.join(KEYS)}."
            yield Problem(f"{path}.{quoted(key)[1:-1]}", "unknown_key", said)
    if not isinstance(value.get("state"), str) or value["state"] not in STATES:
        said = "The state of a consent is “subscribed” or “unsubscribed”."
        yield Problem(f"{path}.state", "wrong_type", said)
    at, source = value.get("at"), value.get("source")
    if at is not None and (not isinstance(at, str) or instant(at) is None):
        said = "Here a time such as “2026-03-31T09:00:00Z” is wanted."
        yield Problem(f"{path}.at", "invalid_time", said)
    if source is not None and (wrong := wrong_text(source, LONGEST_SOURCE)):
        yield Problem(f"{path}.source", "wrong_type", wrong)
