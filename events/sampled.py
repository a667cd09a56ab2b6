"""What the newest events of a type carry: the most frequent values, and how often there is a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.db import connection

from events.arrival import ARRIVED
from events.attributes import MOST_PATHS, leaves, number_at, sample_text
from events.models import EventType

SAMPLED: Final = 500
"""Events that are looked at, so that the page comes at once however many there are."""
LARGEST: Final = 4_000
"""Bytes of the attributes of one, as they are stored; larger ones are passed over."""
MOST_VALUES: Final = 5

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Sample:
    """Of the newest events of one type."""

    events: int = 0
    values: dict[str, Counter[str]] = field(default_factory=dict)
    """By path, how often it had which value, as people read it."""
    numbers: Counter[str] = field(default_factory=Counter)
    """By path, in how many events it is a number, as conditions read it."""

    def frequent(self, path: str) -> list[tuple[str, int]]:
        """The most frequent values, and in how many percent of the events; 0 when that says nothing."""
        common = self.values.get(path, Counter()).most_common(MOST_VALUES)
        return [(text, self._percent(times) if times > 1 else 0) for text, times in common]

    def number_percent(self, path: str) -> int:
        return self._percent(self.numbers[path])

    def _percent(self, times: int) -> int:
        """Rounded, but 100 only when it is all of them."""
        percent = round(100 * times / self.events) if self.events else 0
        return min(percent, 99) if times < self.events else percent


def sample_events(event_type: EventType) -> Sample:
    """By the index of the feed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT attributes::text
            FROM (
                SELECT attributes FROM events_event
                WHERE type_id = %s AND {ARRIVED}
                ORDER BY received_at DESC
                LIMIT %s
            ) newest
            WHERE pg_column_size(attributes) <= %s
            """,
            [event_type.pk, SAMPLED, LARGEST],
        )
        events = [_decode(text) for (text,) in cursor.fetchall()]
    sample = Sample(len(events))
    for attributes in events:
        _count(sample, attributes)
    return sample


def _count(sample: Sample, attributes: dict[str, Any]) -> None:
    for path, value in leaves(attributes):
        if value in (None, "") or (path not in sample.values and len(sample.values) >= MOST_PATHS):
            continue
        sample.values.setdefault(path, Counter())[sample_text(value)] += 1
        if number_at(attributes, path) is not None:
            sample.numbers[path] += 1
