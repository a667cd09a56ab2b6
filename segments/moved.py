"""Why a contact entered or left a segment back then: the recorded cause, with the facts about it.

Only what is still known is said. Events that had not happened yet do not count; values of fields
are those of today, and so is what arrived later about an earlier time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.models import Contact
from contacts.showing import BELOW, ShownValue, contact_with_values, shown_value
from events.models import EventType
from events.timeline import Place, timeline
from events.views.shown import ShownEvent, shown_events
from segments.causes import in_words as causes_in_words
from segments.conditions.nodes import Group
from segments.engine.explain import Explanation, explain
from segments.engine.passed import Passed, what_turned
from segments.models import Segment, SegmentVersion, Transition
from segments.selectors import parsed_versions
from segments.versions import Row, described_versions, versions_of

TICK = timedelta(microseconds=1)
MOST_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Story:
    """One time that the contact entered or left."""

    row: Transition
    why: str
    kind: str
    """Of the cause."""
    events: Sequence[ShownEvent] = ()
    """Those that it names, as far as they are kept."""
    value: ShownValue | None = None
    """Of the field that changed, today."""
    version: Row | None = None
    """The definition that was published, with what it changed."""
    other: Segment | None = None
    """The segment that the definition refers to."""
    other_move: Transition | None = None
    """The contact's own move there, just before."""
    passed: Passed | None = None
    """What time brought about, where it can still be seen."""
    then: Explanation | None = None
    """The definition of then, at that instant; None when it is not known or cannot be read."""
    followed: SegmentVersion | None = None
    """The version that the members followed."""

    @property
    def is_as_told(self) -> bool:
        """Whether what is stored today still leads to what was recorded."""
        return self.then is not None and self.then.truth == self.row.entered


def story_of(row: Transition, *, contact: Contact) -> Story:
    """Needs the segment of the row to be read already."""
    [why] = causes_in_words([row])
    cause, kind = row.cause, str(row.cause.get("kind", ""))
    followed = version_followed(row)
    group = parsed_versions({0: followed.pk}).get(0) if followed else None
    passed = _passed(group, row) if group and kind == "time" else None
    at = passed.at if passed else row.at
    return Story(
        row=row,
        why=why,
        kind=kind,
        passed=passed,
        followed=followed,
        then=explain(group, contact_id=row.contact_id, now=at) if group else None,
        **_facts(cause, kind, row, contact),
    )


def _passed(group: Group, row: Transition) -> Passed | None:
    return what_turned(group, contact_id=row.contact_id, entered=row.entered, noticed_at=row.at)


def _facts(
    cause: Mapping[str, Any], kind: str, row: Transition, contact: Contact
) -> dict[str, Any]:
    match kind:
        case "event":
            return {"events": _events(cause, contact)}
        case "field":
            return {"value": _value(str(cause.get("field", "")), contact)}
        case "definition":
            return {"version": _published(row.segment, cause.get("version"))}
        case "segment":
            return _other(str(cause.get("segment", "")), row)
    return {}


def _events(cause: Mapping[str, Any], contact: Contact) -> list[ShownEvent]:
    type_ = EventType.objects.filter(key=cause.get("type")).first()
    occurred_at = cause.get("occurred_at")
    if type_ is None or not isinstance(occurred_at, str):
        return []
    at = datetime.fromisoformat(occurred_at)
    found = timeline(contact=contact, types=[type_], before=Place(at + TICK, ""), limit=MOST_EVENTS)
    return shown_events(entry for entry in found if entry.occurred_at == at)


def _value(key: str, contact: Contact) -> ShownValue | None:
    known = contact_with_values(contact.pk)
    if known is None:
        return None
    return shown_value(known, key) or shown_value(known, f"{BELOW}{key}")


def _published(segment: Segment, number: object) -> Row | None:
    """With the version before it, which tells what it changed."""
    if not isinstance(number, int):
        return None
    versions = list(versions_of(segment).filter(number__lte=number)[:2])
    found = next(iter(described_versions(segment, versions)), None)
    return found if found and found.version.number == number else None


def _other(key: str, row: Transition) -> dict[str, Any]:
    other = Segment.objects.filter(key=key).first()
    moved = Transition.objects.filter(contact=row.contact_id, segment=other, seq__lt=row.seq)
    return {"other": other, "other_move": moved.order_by("-seq").first() if other else None}


def version_followed(row: Transition) -> SegmentVersion | None:
    """The version that the members followed after this move; None when that is not known."""
    versions = versions_of(row.segment)
    if row.cause.get("kind") == "definition":
        return versions.filter(number=row.cause.get("version")).first()
    followed = [one for one in versions if one.live_at]
    for one in followed:
        if one.live_at and one.live_at <= row.at:
            return one
    # Of what was there before that was recorded, a single one leaves no doubt.
    return followed[0] if len(followed) == 1 else None
