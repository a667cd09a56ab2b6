"""The causes by which activity can be narrowed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from segments.catalog import current_labels

NAMED: Final = {"event": "type", "field": "field", "segment": "segment"}
"""Kinds that name something, and where a transition's cause has it."""
KINDS: Final = {
    "event": "Any event",
    "field": "Any change of a field",
    "segment": "Any other segment",
    "created": "New contact",
    "time": "Time passed",
    "definition": "Definition changed",
    "manual": "By hand, or by a program",
    "erased": "Old events were erased",
    "zone": "Time zone changed",
}
GROUPS: Final = {"event": "Events", "field": "Fields", "segment": "Segments"}
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Cause:
    kind: str
    ref: str = ""
    """What it names; empty for any."""

    @property
    def key(self) -> str:
        """As addresses have it."""
        return f"{self.kind}:{self.ref}" if self.ref else self.kind

    @property
    def as_json(self) -> str:
        """What is contained in the causes of such transitions."""
        named = {NAMED[self.kind]: self.ref} if self.ref else {}
        return json.dumps({"kind": self.kind, **named})


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    label: str
    """Empty for those that name nothing."""
    choices: list[Choice]


def cause_of(key: str) -> Cause | None:
    """What an address asks for; anything else means none."""
    kind, _, ref = key.partition(":")
    if kind not in KINDS or "\0" in ref or len(ref) > LONGEST or (ref and kind not in NAMED):
        return None
    return Cause(kind, ref)


def cause_choices(segment_ids: Sequence[int], chosen: Cause | None) -> list[ChoiceGroup]:
    """The kinds, and what any version of these segments depends on, by label."""
    labels = current_labels()
    named = {
        "event": labels.event_type,
        "field": labels.field,
        "segment": labels.segment,
    }
    known = {Cause(kind, ref) for kind, ref in _used(segment_ids)}
    if chosen and chosen.ref:
        known.add(chosen)
    groups = [ChoiceGroup("", [Choice(kind, label) for kind, label in KINDS.items()])]
    for kind, label in GROUPS.items():
        found = [Choice(one.key, named[kind](one.ref)) for one in known if one.kind == kind]
        if found:
            groups.append(ChoiceGroup(label, sorted(found, key=lambda one: one.label.casefold())))
    return groups


def _used(segment_ids: Sequence[int]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT u.kind, u.ref
            FROM segments_segmentversion v JOIN segments_segmentuse u ON u.version_id = v.id
            WHERE v.segment_id = ANY(%s)
            """,
            [list(segment_ids)],
        )
        return list(cursor.fetchall())
