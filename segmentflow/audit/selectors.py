"""Reading the log: narrowed, newest first, and what can be chosen to narrow it by."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet

from segmentflow.audit.models import AuditEntry

BITE: Final = 1_000
GONE: Final = ("deleted", "erased", "removed")
"""Actions after which the object has no page any more."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the log is narrowed to; empty: not by that."""

    who: str = ""
    """Kind and id of an actor, such as `user-7`; `system` for SegmentFlow itself."""
    kind: str = ""
    key: str = ""
    """Of one object, together with its kind."""
    action: str = ""
    first: date | None = None
    last: date | None = None
    words: str = ""

    def __bool__(self) -> bool:
        return self != Narrowing()


def entries_found(narrowing: Narrowing, *, zone: ZoneInfo) -> QuerySet[AuditEntry]:
    """The newest first."""
    found = AuditEntry.objects.filter(_who(narrowing.who))
    for name in ("kind", "key", "action"):
        if value := getattr(narrowing, name):
            found = found.filter(**{name: value})
    if narrowing.first:
        found = found.filter(at__gte=_midnight(narrowing.first, zone))
    if narrowing.last and narrowing.last < date.max:
        found = found.filter(at__lt=_midnight(narrowing.last + timedelta(days=1), zone))
    for word in narrowing.words.split()[:10]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(actor_name__icontains=word)
            | Q(said__icontains=word)
            | Q(kind__icontains=word)
            | Q(action__icontains=word)
            | Q(key=word)
            | Q(address=word)
            | Q(request_id=word)
        )
    return found.order_by("-id")


def newest(
    narrowing: Narrowing,
    *,
    zone: ZoneInfo,
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[AuditEntry]:
    """After a place, the nearest comes first, as keyset.Read has it."""
    found = entries_found(narrowing, zone=zone)
    if before is not None:
        found = found.filter(id__lt=before)
    if after is not None:
        found = found.filter(id__gt=after).order_by("id")
    return list(found[:limit])


def all_entries(narrowing: Narrowing, *, zone: ZoneInfo) -> Iterator[AuditEntry]:
    """Read in bites, so that a long log needs little memory and no long transaction."""
    before = None
    while bite := newest(narrowing, zone=zone, before=before, limit=BITE):
        yield from bite
        before = bite[-1].pk


def gone(objects: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the objects, by kind and key, of which the log says that they are no more."""
    if not objects:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT e.kind, e.key
            FROM unnest(%s::text[], %s::text[]) AS asked (kind, key)
            JOIN segmentflow_auditentry e ON e.kind = asked.kind AND e.key = asked.key
            WHERE e.action = ANY(%s)
            """,
            [[kind for kind, _ in objects], [key for _, key in objects], list(GONE)],
        )
        return {(kind, key) for kind, key in cursor.fetchall()}


def actors() -> list[tuple[str, str]]:
    """Who stands in the log, as Narrowing.who has them, with their newest names.

    By the index of actors, from one to the next: their number is small however long the log is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE who AS (
                (SELECT actor_kind, actor_id FROM segmentflow_auditentry
                    WHERE actor_id IS NOT NULL
                    ORDER BY actor_kind, actor_id LIMIT 1)
                UNION ALL
                SELECT following.actor_kind, following.actor_id
                FROM who CROSS JOIN LATERAL (
                    SELECT actor_kind, actor_id FROM segmentflow_auditentry
                    WHERE (actor_kind, actor_id) > (who.actor_kind, who.actor_id)
                        AND actor_id IS NOT NULL
                    ORDER BY actor_kind, actor_id LIMIT 1
                ) following
            )
            SELECT who.actor_kind, who.actor_id, latest.actor_name
            FROM who CROSS JOIN LATERAL (
                SELECT actor_name FROM segmentflow_auditentry e
                WHERE e.actor_kind = who.actor_kind AND e.actor_id = who.actor_id
                ORDER BY e.id DESC LIMIT 1
            ) latest
            """
        )
        found = [(f"{kind}-{pk}", _called(kind, name)) for kind, pk, name in cursor.fetchall()]
    return sorted(found, key=lambda one: one[1].casefold())


def _called(kind: str, name: str) -> str:
    return f"{name} (API key)" if kind == AuditEntry.Actor.KEY else name


def _who(who: str) -> Q:
    """Nothing narrows by what is no actor."""
    if who == AuditEntry.Actor.SYSTEM:
        return Q(actor_kind=who)
    kind, _, number = who.partition("-")
    if kind in AuditEntry.Actor.values and number.isascii() and number.isdecimal():
        return Q(actor_kind=kind, actor_id=min(int(number[:19]), 2**63 - 1))
    return Q()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
