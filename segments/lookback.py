"""Which live segments look how far back for events, so that nobody erases what they need unawares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from segments.conditions.reach import reach
from segments.engine.affected import DOWN, UP
from segments.engine.facts import current_facts, load_definitions, resolver


@dataclass(frozen=True, slots=True)
class Looker:
    """A live segment, and how far back it looks for events of one type."""

    name: str
    key: str
    months: int | None
    """None: for ever."""
    direction: int
    """Of an event more; see SegmentUse."""

    def is_beyond(self, kept: int | None) -> bool:
        """Whether it looks further back than events are kept."""
        return kept is not None and (self.months is None or self.months > kept)

    @property
    def effect(self) -> str:
        """What an event less can do."""
        return {UP: "contacts may leave", DOWN: "contacts may enter"}.get(
            self.direction, "contacts may enter or leave"
        )


def lookers(event_keys: Sequence[str]) -> dict[str, list[Looker]]:
    """By event type, those that depend on it, also through other segments; by name."""
    rows = _uses(event_keys)
    definitions = load_definitions({version_id for _, _, _, version_id, _ in rows})
    segments = resolver(current_facts(one.group for one in definitions.values()).segments)
    reaches = {pk: reach(one.group, segments.get) for pk, one in definitions.items()}
    found: dict[str, list[Looker]] = {}
    for event, name, key, version_id, direction in rows:
        looker = Looker(name, key, reaches[version_id].get(event), direction)
        found.setdefault(event, []).append(looker)
    return found


def _uses(event_keys: Sequence[str]) -> list[tuple[str, str, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.ref, s.name, s.key, s.live_version_id, u.direction
            FROM segments_segment s
            JOIN segments_segmentuse u ON u.version_id = s.live_version_id
            WHERE s.status = 'live' AND s.kind = 'dynamic' AND u.kind = 'event' AND u.ref = ANY(%s)
            ORDER BY lower(s.name), s.key
            """,
            [list(event_keys)],
        )
        return list(cursor.fetchall())
