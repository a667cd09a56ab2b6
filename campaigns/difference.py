"""What differs between two states of a draft, in words for those who work on it together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.timezone import localtime

from campaigns.models import Campaign
from contacts.models import Channel
from contacts.problems import quoted

State = Mapping[str, Any]
"""By name of the campaign's field; `include` and `exclude` are names of segments by their key."""

NOTHING: Final = "nothing"


def _text(value: Any) -> str:
    return quoted(str(value)) if value else NOTHING


def _percent(value: Any) -> str:
    return f"{value} %"


def _ignored(value: Any) -> str:
    return "ignored" if value else "kept"


def _moment(value: Any) -> str:
    return date_format(localtime(value), "j F Y, H:i") if isinstance(value, datetime) else NOTHING


def _minutes(value: Any) -> str:
    return amount_of(value)


def _again(value: Any) -> str:
    return f"once in {value} days" if value else "once ever"


def _clock(value: Any) -> str:
    return "the contact’s local time" if value else "the workspace’s time"


SAID: Final[dict[str, tuple[str, Callable[[Any], str]]]] = {
    "name": ("Name", _text),
    "channel": ("Channel", lambda value: str(Channel(value).label)),
    "holdout_percent": ("Hold-out", _percent),
    "ignores_cap": ("Frequency cap", _ignored),
    "ignores_quiet_hours": ("Quiet hours", _ignored),
    "kind": ("When", lambda value: str(Campaign.Kind(value).label)),
    "starts_at": ("Time", _moment),
    "is_local": ("Clock", _clock),
    "delay_minutes": ("Delay", _minutes),
    "again_days": ("How often", _again),
}
"""How each field is called and its values are told."""

TARGETS: Final = {"include": "Included segments", "exclude": "Excluded segments"}

UNITS: Final = (("days", 1440), ("hours", 60), ("minutes", 1))


def unit_of(minutes: int) -> tuple[int, str]:
    """In the largest unit that says it exactly: 120 is 2 hours."""
    for unit, size in UNITS:
        if minutes and minutes % size == 0:
            return minutes // size, unit
    return 0, "minutes"


def amount_of(minutes: int) -> str:
    amount, unit = unit_of(minutes)
    if not amount:
        return "none"
    return f"{amount} {unit.removesuffix('s') if amount == 1 else unit}"


def difference(before: State, after: State) -> list[str]:
    """A sentence for each thing that is not the same; names that only one has are left out."""
    return [
        sentence
        for name in before
        if name in after and before[name] != after[name]
        for sentence in _told(name, before[name], after[name])
    ]


def _told(name: str, before: Any, after: Any) -> Iterator[str]:
    if name in TARGETS:
        yield from _targets(TARGETS[name], before, after)
    elif name == "content":
        yield from _content(before, after)
    else:
        label, say = SAID[name]
        yield f"{label}: {say(before)} → {say(after)}"


def _targets(label: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for key, name in after.items():
        if key not in before:
            yield f"{label}: {quoted(name)} added"
    for key, name in before.items():
        if key not in after:
            yield f"{label}: {quoted(name)} removed"


def _content(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    names = [*before, *(name for name in after if name not in before)]
    for name in names:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old or new, list):
            yield f"Message, {name}: {_parts(old)} → {_parts(new)}"
        else:
            yield f"Message, {name}: {_text(old)} → {_text(new)}"


def _parts(value: Sequence[Any] | None) -> str:
    count = len(value or ())
    words = " ".join(str(part.get("text", "")) for part in value or () if isinstance(part, dict))
    parts = f"{count} {'part' if count == 1 else 'parts'}"
    return f"{parts}, {quoted(words.strip())}" if words.strip() else parts
