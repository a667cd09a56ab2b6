"""Events as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from events.feed import FeedEntry
from events.readable import Attribute, readable
from events.tracking.messages import SEEN

FEW = 4
"""Attributes that are seen without unfolding."""
OF_VISIT = ("title", "name", "url", "referrer", "utm_campaign", "utm_source")
"""What tells most about a visit."""
AT_ONCE = timedelta(minutes=1)
"""Whatever arrives within this after it occurred is not worth two times."""


@dataclass(frozen=True, slots=True)
class ShownEvent:
    entry: FeedEntry
    few: list[Attribute]
    rest: list[Attribute]
    more: int
    """How many attributes are not even in the rest."""

    @property
    def arrived_apart(self) -> bool:
        return abs(self.entry.received_at - self.entry.occurred_at) > AT_ONCE

    @property
    def hidden(self) -> int:
        return len(self.rest) + self.more


def shown_events(entries: Iterable[FeedEntry]) -> list[ShownEvent]:
    return [_shown(entry) for entry in entries]


def _shown(entry: FeedEntry) -> ShownEvent:
    without = entry.type.value_attribute if entry.value is not None else ""
    first = OF_VISIT if entry.type.key in SEEN.values() else ()
    attributes, more = readable(entry.attributes, without=without, first=first)
    return ShownEvent(entry, attributes[:FEW], attributes[FEW:], more)
