"""Whom something else happened to later: only then does an event matter that is not the end of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from segmentflow.arrays import instants, numbers
from segmentflow.citus.here import is_spread
from segments.engine.relevance import Filters, Followed, Told

Pair = tuple[str, str]
"""Two types of events, one after the other."""


def followed(
    told: Mapping[str, Told], filters: Iterable[Mapping[str, Filters]]
) -> Mapping[str, Followed]:
    """By the type of new events: those of their contacts who had one of another type later.

    Of those types that the filters ask for, and perhaps somebody too many: compared is the earliest of the new
    events. Whichever event of a sequence is looked at last finds the others, for they have been committed by then.
    """
    pairs = sorted(
        {
            (event, one.then)
            for of_version in filters
            for event in told.keys() & of_version.keys()
            for one in of_version[event] or ()
            if one.then is not None
        }
    )
    found: dict[str, dict[str, set[int]]] = {event: {} for event in told}
    for (event, then), contact_ids in _by_pair(told, pairs).items():
        found[event][then] = contact_ids
    return found


def _by_pair(told: Mapping[str, Told], pairs: list[Pair]) -> Mapping[Pair, set[int]]:
    if is_spread():  # which joins no list of contacts with what is nearest to each of them
        return {(event, then): told[event].everybody() for event, then in pairs}
    found: dict[Pair, set[int]] = {pair: set() for pair in pairs}
    asked = [
        (place, contact_id, at)
        for place, (event, _) in enumerate(pairs, start=1)
        for contact_id, at in told[event].earliest().items()
    ]
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sent.place, sent.contact_id
            FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[]) AS sent (place, contact_id, at)
            JOIN events_eventtype t ON t.key = (%s::text[])[sent.place]
            CROSS JOIN LATERAL (
                SELECT e.occurred_at FROM events_event e
                WHERE e.contact_id = sent.contact_id AND e.type_id = t.id
                ORDER BY e.occurred_at DESC
                LIMIT 1
            ) newest
            WHERE sent.at IS NULL OR newest.occurred_at > sent.at
            """,
            [
                numbers(place for place, _, _ in asked),
                numbers(contact_id for _, contact_id, _ in asked),
                instants(at for _, _, at in asked),
                [then for _, then in pairs],
            ],
        )
        for place, contact_id in cursor.fetchall():
            found[pairs[place - 1]].add(contact_id)
    return found
