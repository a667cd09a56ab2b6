"""An entry of the log as a sentence, and what changed by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from segmentflow.audit.kinds import kind_of
from segmentflow.audit.models import AuditEntry

MOST_NAMED: Final = 5
LABELS: Final = {"is_active": "active", "is_superuser": "superuser", "time_zone": "time zone"}


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


def sentence(entry: AuditEntry) -> str:
    """Such as “Anna changed the segment VIPs: definition, version 7”."""
    return f"{entry.actor_name} {deed(entry)}"


def deed(entry: AuditEntry) -> str:
    """The sentence without its subject."""
    names = list(entry.changes) if entry.action == "changed" else []
    shown = [label_of(name) for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - MOST_NAMED} more")
    more = ", ".join([*shown, *filter(None, [entry.said])])
    what = " ".join(filter(None, [entry.action, kind_of(entry.kind).phrase, named(entry)]))
    return f"{what}: {more}" if more else what


def named(entry: AuditEntry) -> str:
    if entry.name:
        return f"“{entry.name}”"
    return entry.key


def changes_of(entry: AuditEntry) -> list[Change]:
    return [
        Change(label_of(name), shown(before), shown(after))
        for name, (before, after) in entry.changes.items()
    ]


def label_of(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def shown(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(shown(one) for one in value)
        case dict():
            return "; ".join(f"{label_of(str(key))}: {shown(one)}" for key, one in value.items())
        case _:
            return str(value)
