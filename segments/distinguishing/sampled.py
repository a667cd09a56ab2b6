"""Some members and some others, with what is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.db import connection

from contacts.built_in import CREATED_AT, SHOWN
from segments.distinguishing.traits import Person
from segments.engine.sampling import MOST_LOOKED_FOR, Everybody, everybody, sample_ids
from segments.models import Segment

SAMPLE: Final = 3_000
"""Members who are looked at, and as many others."""
CARRIED: Final = 1_000
"""Of each, those whose events are opened to see what they carry,"""
NEWEST: Final = 20
"""and of each of these so many events."""
MANY: Final = 500_000
"""Members, among whom a sample is found quicker than all are ranked."""
BUILT_IN: Final = tuple(one.key for one in (*SHOWN, CREATED_AT))

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Sample:
    members: list[Person]
    others: list[Person]
    total_members: int
    total_others: int

    @property
    def is_all(self) -> bool:
        return len(self.members) >= self.total_members and len(self.others) >= self.total_others


def sample_of(segment: Segment, *, since: datetime, now: datetime) -> Sample:
    """Always the same ones while contacts come and go, chosen by their id alone."""
    contacts = everybody()
    members = _members(segment, contacts)
    others = _others(segment, contacts)
    known = _people([*members, *others], since, now)
    opened = [*members[:CARRIED], *others[:CARRIED]]
    carried = _carried(opened, since, now)
    for pk in opened:
        if pk in known:
            known[pk].carried = carried.get(pk, ())
    return Sample(
        [known[pk] for pk in members if pk in known],
        [known[pk] for pk in others if pk in known],
        segment.member_count,
        max(0, contacts.total - segment.member_count),
    )


def _members(segment: Segment, contacts: Everybody) -> list[int]:
    if segment.member_count <= MANY:
        return _ids(
            """
            SELECT contact_id FROM segments_membership WHERE segment_id = %(segment)s
            ORDER BY hashint8extended(contact_id, 1), contact_id LIMIT %(size)s
            """,
            {"segment": segment.pk, "size": SAMPLE},
        )
    share = segment.member_count / max(1, contacts.total)
    return _ids(
        """
        SELECT m.contact_id FROM segments_membership m
        WHERE m.segment_id = %(segment)s AND m.contact_id = ANY(%(ids)s::bigint[])
        ORDER BY hashint8extended(m.contact_id, 1), m.contact_id LIMIT %(size)s
        """,
        {"segment": segment.pk, "size": SAMPLE, "ids": _about(contacts, share)},
    )


def _others(segment: Segment, contacts: Everybody) -> list[int]:
    share = 1 - segment.member_count / max(1, contacts.total)
    return _ids(
        """
        SELECT c.id FROM contacts_contact c
        WHERE c.id = ANY(%(ids)s::bigint[]) AND NOT EXISTS (
            SELECT FROM segments_membership m
            WHERE m.contact_id = c.id AND m.segment_id = %(segment)s
        )
        ORDER BY hashint8extended(c.id, 1), c.id LIMIT %(size)s
        """,
        {"segment": segment.pk, "size": SAMPLE, "ids": _about(contacts, share)},
    )


def _about(contacts: Everybody, share: float) -> list[int]:
    """Ids among which there are likely enough of those who are such a share of all."""
    wanted = SAMPLE * 1.5 / max(share, SAMPLE * 1.5 / MOST_LOOKED_FOR)
    return sample_ids(contacts, int(wanted))


def _ids(sql: str, values: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [pk for (pk,) in cursor.fetchall()]


def _people(ids: Sequence[int], since: datetime, now: datetime) -> dict[int, Person]:
    columns = ", ".join(f"c.{key}" for key in BUILT_IN)
    events = _events(ids, since, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id, c.attributes::text, {columns} FROM contacts_contact c"
            " WHERE c.id = ANY(%s::bigint[])",
            [list(ids)],
        )
        return {
            pk: Person(
                {**_decode(attributes), **dict(zip(BUILT_IN, values, strict=True))},
                events.get(pk, {}),
            )
            for pk, attributes, *values in cursor.fetchall()
        }


def _events(ids: Sequence[int], since: datetime, now: datetime) -> dict[int, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.contact_id, t.key, e.n
            FROM (
                SELECT contact_id, type_id, count(*) AS n FROM events_event
                WHERE contact_id = ANY(%s::bigint[]) AND occurred_at >= %s AND occurred_at <= %s
                GROUP BY contact_id, type_id
            ) e
            JOIN events_eventtype t ON t.id = e.type_id
            """,
            [list(ids), since, now],
        )
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for pk, type_key, times in cursor.fetchall():
            found[pk][type_key] = times
        return found


def _carried(
    ids: Sequence[int], since: datetime, now: datetime
) -> dict[int, list[tuple[str, Mapping[str, Any]]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.contact_id, t.key, e.attributes::text
            FROM contacts_contact wanted
            CROSS JOIN LATERAL (
                SELECT contact_id, type_id, attributes FROM events_event
                WHERE contact_id = wanted.id AND occurred_at >= %(since)s AND occurred_at <= %(now)s
                ORDER BY occurred_at DESC
                LIMIT %(newest)s
            ) e
            JOIN events_eventtype t ON t.id = e.type_id
            WHERE wanted.id = ANY(%(ids)s::bigint[]) AND pg_column_size(e.attributes) <= 4000
            """,
            {"ids": list(ids), "since": since, "now": now, "newest": NEWEST},
        )
        found: dict[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        for pk, type_key, attributes in cursor.fetchall():
            found[pk].append((type_key, _decode(attributes)))
        return found
