"""What an alert says: in a mail, in its subject, in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from outbound.alerts.models import AlertNotice, AlertRule

Kind = AlertRule.Kind

BY_KIND: Final = {
    "definition": "the definition was changed",
    "zone": "the time zone of the workspace was changed",
    "event": "events arrived",
    "field": "fields were changed",
    "created": "contacts were created",
    "time": "time passed",
    "segment": "another segment that it refers to changed",
    "manual": "contacts were listed or taken off by hand",
    "erased": "old events were erased",
}


def headline(notice: AlertNotice, name: str) -> str:
    """What happened, short enough for a subject."""
    return f"“{name}” {happened(notice)}"


def happened(notice: AlertNotice) -> str:
    rule = notice.rules[0]
    match rule["kind"]:
        case Kind.EMPTY:
            return "is empty"
        case Kind.BELOW:
            return f"has fewer than {rule['number']:,} members"
        case Kind.ABOVE:
            return f"has more than {rule['number']:,} members"
        case _ if not notice.before:
            return f"grew from nobody to {notice.size:,} in a day"
        case _:
            verb = "grew" if notice.size > notice.before else "shrank"
            return f"{verb} by {percent(notice)} in a day"


def percent(notice: AlertNotice) -> str:
    share = abs(notice.size - notice.before) * 100 / notice.before
    return f"{share:,.0f} %" if share >= 10 else f"{share:,.1f} %"


def also(notice: AlertNotice) -> list[str]:
    """The other bounds that it crossed at the same time."""
    return [rule_words(rule["kind"], rule["number"]) for rule in notice.rules[1:]]


def rule_words(kind: str, number: int) -> str:
    match kind:
        case Kind.EMPTY:
            return "it becomes empty"
        case Kind.BELOW:
            return f"it has fewer than {number:,} members"
        case Kind.ABOVE:
            return f"it has more than {number:,} members"
        case _:
            return f"its size changes by more than {number:,} % in a day"


def reasons(notice: AlertNotice, *, zone: ZoneInfo) -> list[str]:
    """Sentences about why: edits first, for they are what somebody can undo."""
    return [*_edits(notice.causes, zone), *_moves(notice.causes)]


def is_by_edit(notice: AlertNotice) -> bool:
    """Whether most of those who moved did so because the definition was changed."""
    moves = notice.causes.get("moves", {})
    edited: int = sum(moves.get("definition", [0, 0]))
    everybody: int = sum(sum(pair) for pair in moves.values())
    return edited * 2 > everybody


def _edits(causes: dict[str, Any], zone: ZoneInfo) -> Iterator[str]:
    for edit in causes.get("edits", []):
        at = datetime.fromisoformat(edit["at"]).astimezone(zone)
        author = f" by {edit['author']}" if edit["author"] else ""
        did = "published" if edit["version"] == 1 else "changed"
        yield (
            f"The definition was {did}{author}:"
            f" version {edit['version']} since {date_format(at, 'j F, H:i')}."
        )
    if not causes.get("edits"):
        yield "Nobody changed the definition in this time."


def _moves(causes: dict[str, Any]) -> Iterator[str]:
    moves = causes.get("moves", {})
    for kind in sorted(moves, key=lambda kind: -sum(moves[kind])):
        entered, left = moves[kind]
        because = BY_KIND.get(kind, "of something else")
        yield f"{entered:,} entered and {left:,} left because {because}."
