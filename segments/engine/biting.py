"""One bite of a rebuild: where the answers of some contacts differ from what is stored about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import connection

from contacts.retyping.settling import hold_range, underway
from events.locks import share_values
from segmentflow.citus.here import is_spread
from segmentflow.clock import workspace_zone
from segments.conditions.sql.compiler import Compiled
from segments.conditions.sql.fragment import Params
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts, load_definitions
from segments.engine.near import near
from segments.engine.pending import newest_mark
from segments.models import Rebuild

MANY: Final = 0.33
"""Of the contacts: where fewer are left to look at, each is asked for by itself."""
SOME: Final = 500
"""Contacts by which that is told."""
LONGEST_MS: Final = 60_000
"""For one bite."""
WORTH_HALVES: Final = 20_000
"""Ids, for which another process is worth while."""
THESE: Final = "c.id BETWEEN %(first)s AND %(last)s"

Both = Callable[[Callable[[], None], Callable[[], None]], None]
"""Does two things at once, the second in a transaction of its own; has ended both when it returns or raises."""


def bite(rebuild: Rebuild, *, after: int, to: int, now: datetime, both: Both | None = None) -> None:
    """Store the candidates among the contacts behind `after`, up to `to`.

    The second half may be stored when the first is not, if the commit fails: what it says stays right until the swap,
    as that of any bite does, whatever changes meanwhile; and the next try goes on from there.
    """
    share_values()
    hold_range(after=after, to=to)
    found = _Differences(rebuild, after=after, now=now)
    if both is None or to - after < WORTH_HALVES or _others_wait():
        found.store(first=after + 1, last=to)
        return
    middle = (_first(after=after) + to) // 2
    both(
        lambda: found.store(first=after + 1, last=middle),
        lambda: found.store(first=middle + 1, last=to),
    )


def _first(*, after: int) -> int:
    with connection.cursor() as cursor:
        # Somebody may be erasing those who are left.
        cursor.execute(
            "SELECT COALESCE(min(id), %(after)s) FROM contacts_contact WHERE id > %(after)s",
            {"after": after},
        )
        first: int = cursor.fetchone()[0]
        return first


def _others_wait() -> bool:
    """Who follows changes needs the other processor; and values being converted are seen in this transaction alone."""
    return is_spread() or newest_mark() is not None or bool(underway())


class _Differences:
    """The statement for contacts about `after`, which is right for those of the whole bite."""

    def __init__(self, rebuild: Rebuild, *, after: int, now: datetime) -> None:
        zone = workspace_zone()
        definition = load_definitions([rebuild.version_id], zone=zone)[rebuild.version_id]
        facts = current_facts([definition.group], zone=zone)
        parts = compiled(definition.group, facts=facts, now=now)
        if _share(parts, after=after) > MANY:
            parts = compiled(definition.group, facts=facts, now=now, many=True)
        self._rows = parts.rows(only=THESE)
        self._params: Params = parts.params | {
            "rebuild": rebuild.pk,
            "segment": rebuild.segment_id,
        }

    def store(self, *, first: int, last: int) -> None:
        """By Django's connection, inside a transaction."""
        params = self._params | {"first": first, "last": last}
        differences = f"""
            SELECT contact_id, %(rebuild)s, COALESCE(answer.truth, false), answer.until
            FROM ({self._rows}) answer
            FULL JOIN (
                SELECT contact_id, listed, due_at
                FROM (
                    SELECT contact_id, true AS listed FROM segments_membership
                    WHERE segment_id = %(segment)s AND contact_id BETWEEN %(first)s AND %(last)s
                ) member
                FULL JOIN (
                    SELECT contact_id, due_at FROM segments_deadline
                    WHERE segment_id = %(segment)s AND contact_id BETWEEN %(first)s AND %(last)s
                ) deadline USING (contact_id)
            ) stored USING (contact_id)
            WHERE COALESCE(answer.truth, false) <> COALESCE(stored.listed, false)
                OR answer.until IS DISTINCT FROM stored.due_at
            """
        differences = near(differences, only=THESE, params=params)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout TO {LONGEST_MS:d}")
            cursor.execute(
                f"""
                INSERT INTO segments_candidate (contact_id, rebuild_id, is_member, until)
                {differences}
                ON CONFLICT (contact_id, rebuild_id) DO UPDATE
                    SET is_member = excluded.is_member, until = excluded.until
                """,
                params,
            )
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


def _share(parts: Compiled, *, after: int) -> float:
    """About which part of the contacts the conditions on fields alone let through."""
    if is_spread() or parts.prefilter == "true" or not parts.is_prefilter_alone:
        return 1.0
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT (count(*) FILTER (WHERE {parts.prefilter}))::float / GREATEST(count(*), 1)
            FROM (
                SELECT * FROM contacts_contact WHERE id > %(after)s ORDER BY id LIMIT %(some)s
            ) c
            """,
            parts.params | {"after": after, "some": SOME},
        )
        share: float = cursor.fetchone()[0]
        return share
