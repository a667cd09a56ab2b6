"""An entry of the log as a sentence, and what changed by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime

from segmentflow.audit.kinds import kind_of
from segmentflow.audit.models import AuditEntry

MOST_NAMED: Final = 5
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}[+Z]")
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


def _moment(text: str) -> str:
    at = parse_datetime(text)
    return date_format(localtime(at), "j F Y, H:i e") if at and at.tzinfo else text


def label_of(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def shown(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return intcomma(value)
        case str() if MOMENT.match(value):
            return _moment(value)
        case list():
            return ", ".join(shown(one) for one in value)
        case dict():
            return "; ".join(f"{label_of(str(key))}: {shown(one)}" for key, one in value.items())
        case _:
            return str(value)
