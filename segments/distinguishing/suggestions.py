"""What distinguishes the members of a segment, each as a condition that a segment can be made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from contacts.models import Field
from events.models import EventType
from segmentflow.clock import workspace_zone
from segmentflow.limits import within
from segments.builder.suggestions import UNIQUE
from segments.catalog import current_catalog, current_labels
from segments.conditions.calendar import local_day, shift, shift_day
from segments.conditions.nodes import Duration, FieldType, Unit
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.conditions.sentence import sentence
from segments.conditions.uses import uses
from segments.distinguishing.sampled import BUILT_IN, Sample, sample_of
from segments.distinguishing.telling import Counted, counted, telling
from segments.distinguishing.traits import (
    DAYS,
    RECENT,
    Questions,
    Trait,
    carried_traits,
    counted_traits,
    cuts_of,
)
from segments.engine.facts import current_facts, load_definitions, resolver
from segments.models import Segment

LIMIT_MS: Final = 5_000
MOST: Final = 40
NAMES: Final = frozenset({*UNIQUE, "first_name", "last_name"})
"""Fields whose values say nothing about a group."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    condition: dict[str, Any]
    sentence: str
    numbers: Counted
    is_mentioned: bool
    """The definition of the segment itself depends on the field or on the events."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    found: list[Suggestion]
    """The most telling first."""
    looked_at: Sample


def suggestions_for(segment: Segment, *, now: datetime) -> Suggestions:
    """From some thousand contacts, or all when there are fewer. Raises TooSlow."""
    zone = workspace_zone()
    since = _since(now, zone)
    with within(LIMIT_MS):
        sample = sample_of(segment, since=since[DAYS][1], now=now)
    asked = _questions(sample, since, now, zone)
    best = telling(_counted(sample, asked))[:MOST]
    mentioned = mentioned_in(segment)
    catalog, labels = current_catalog(), current_labels()
    found = []
    for one in best:
        condition = condition_of(one.trait, asked.spelled)
        try:
            tree = parse({"kind": "group", "match": "all", "children": [condition]}, catalog)
        except InvalidDefinition:
            continue  # values that no condition takes
        about = ("field" if one.trait.kind == "field" else "event", one.trait.ref)
        found.append(Suggestion(condition, sentence(tree, labels), one, about in mentioned))
    return Suggestions(found, sample)


def _counted(sample: Sample, asked: Questions) -> list[Counted]:
    """Attributes of events were looked at with fewer contacts than the rest."""
    members, others = sample.members, sample.others
    opened, also = ([one for one in side if one.carried is not None] for side in (members, others))
    return [
        *counted(
            counted_traits(members, asked), len(members), counted_traits(others, asked), len(others)
        ),
        *counted(
            carried_traits(opened, asked), len(opened), carried_traits(also, asked), len(also)
        ),
    ]


def _since(now: datetime, zone: ZoneInfo) -> dict[int, tuple[Any, datetime]]:
    today = local_day(now, zone)
    spans = {days: Duration(days, Unit.DAY) for days in {DAYS, *RECENT}}
    return {
        days: (shift_day(today, span, -1), shift(now, span, -1, zone))
        for days, span in sorted(spans.items())
    }


def _questions(
    sample: Sample, since: dict[int, tuple[Any, datetime]], now: datetime, zone: ZoneInfo
) -> Questions:
    rows = Field.objects.filter(archived_at__isnull=True).values_list("key", "type")
    fields = dict.fromkeys(BUILT_IN, FieldType.TEXT) | {"created_at": FieldType.DATETIME}
    fields |= {key: FieldType(type_) for key, type_ in rows}
    numbers = [key for key, type_ in fields.items() if type_ == FieldType.NUMBER]
    types = EventType.objects.filter(archived_at__isnull=True)
    return Questions(
        fields=fields,
        unique=NAMES,
        event_types=frozenset(types.values_list("key", flat=True)),
        cuts=cuts_of([*sample.members, *sample.others], numbers),
        since={days: since[days] for days in RECENT},
        now=(local_day(now, zone), now),
    )


def mentioned_in(segment: Segment) -> set[tuple[str, str]]:
    """Fields and event types that the definition depends on, also through other segments."""
    if segment.live_version_id is None:
        return set()
    group = load_definitions([segment.live_version_id])[segment.live_version_id].group
    segments = resolver(current_facts([group]).segments)
    return {(use.kind, use.ref) for use in uses(group, segments.get).entries}


def condition_of(trait: Trait, written: Mapping[str, str]) -> dict[str, Any]:
    """As the condition language says it; `written`: texts as people write them."""
    value = trait.value
    if isinstance(value, str):
        value = written.get(value, value)
    if trait.kind == "field":
        return {"kind": "field", "field": trait.ref, **_compared(trait.operator, value)}
    condition: dict[str, Any] = {"kind": "event", "event": trait.ref}
    if trait.kind == "attribute":
        attribute = {"kind": "attribute", "attribute": trait.path, "type": trait.type}
        attribute |= _compared(trait.operator, value)
        condition["where"] = {"kind": "group", "match": "all", "children": [attribute]}
    window = {"kind": "last", "amount": DAYS, "unit": "day"}
    times = {"operator": trait.operator, "value": value} if trait.kind == "event" else {}
    return condition | {"window": window, "operator": "at_least", "value": 1} | times


def _compared(operator: str, value: Any) -> dict[str, Any]:
    match operator:
        case "contains_any":
            return {"operator": operator, "value": [value]}
        case "in_last":
            return {"operator": operator, "value": {"amount": value, "unit": "day"}}
        case _ if value is None:
            return {"operator": operator}
        case _:
            return {"operator": operator, "value": value}
