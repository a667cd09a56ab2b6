"""What a value of a campaign has to be, so that it can be stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from campaigns.models import Campaign
from contacts.models import Channel
from contacts.problems import Problem, Refused
from segmentflow.api.bodies import is_unstorable

NAME_LENGTH: Final = 100
MOST_TARGETS: Final = 100
MOST_CONTENT: Final = 1_000_000
MOST_MINUTES: Final = 365 * 24 * 60
MOST_DAYS: Final = 3650
FIRST_TIME = datetime(2000, 1, 1, tzinfo=UTC)
LAST_TIME = datetime(2100, 1, 1, tzinfo=UTC)


def check(changes: Mapping[str, Any]) -> None:
    """Raises Refused with everything that makes no sense."""
    if problems := [problem for name in changes for problem in _problems(name, changes[name])]:
        raise Refused(problems)


def _problems(name: str, value: Any) -> Sequence[Problem]:
    check_one = _CHECKS.get(name)
    said = check_one(value) if check_one else ""
    return (Problem(name, "invalid", said),) if said else ()


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return "A campaign needs a name."
    if is_unstorable(value):
        return "This name has characters that cannot be stored."
    return f"A name has at most {NAME_LENGTH} characters." if len(value) > NAME_LENGTH else ""


def _content(value: Any) -> str:
    if not isinstance(value, dict):
        return "The content of a message is an object."
    if len(json.dumps(value)) > MOST_CONTENT:
        return f"A message has at most {MOST_CONTENT:,} characters."
    if any(is_unstorable(text) for text in _texts(value)):
        return "The message has characters that cannot be stored."
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for part in pair for text in _texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _texts(part))


def _within(first: int, last: int, said: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        return "" if isinstance(value, int) and first <= value <= last else said

    return check


def _days(value: Any) -> str:
    if value is None or (isinstance(value, int) and 1 <= value <= MOST_DAYS):
        return ""
    return f"Once in 1 to {MOST_DAYS:,} days."


def _time(value: Any) -> str:
    if value is None or FIRST_TIME <= value < LAST_TIME:
        return ""
    return "Choose a time in this century."


_CHECKS: Final[dict[str, Callable[[Any], str]]] = {
    "name": _name,
    "channel": lambda value: "" if value in Channel.values else "Choose a channel.",
    "kind": lambda value: "" if value in Campaign.Kind.values else "Choose when it is sent.",
    "starts_at": _time,
    "delay_minutes": _within(0, MOST_MINUTES, "A delay is at most 365 days."),
    "again_days": _days,
    "holdout_percent": _within(0, 99, "The hold-out is from 0 to 99 %."),
    "content": _content,
}
