"""The end of a rebuild: what its bites found to differ is put right in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.db import connection

from contacts.retyping.settling import hold_values
from events.locks import share_values
from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts, load_definitions
from segments.engine.near import near
from segments.engine.noted import note_many_moves
from segments.engine.travelling import travel
from segments.models import Rebuild

MANY = 20_000

SwapListener = Callable[[int, int, datetime], None]

_listeners: list[SwapListener] = []


def on_swap(listener: SwapListener) -> None:
    """Have `listener` told, in the same transaction, that a segment's members were replaced: which
    one, its newest transition before, and when."""
    if listener not in _listeners:
        _listeners.append(listener)


def swap(rebuild: Rebuild, *, now: datetime) -> None:
    """Put the new members in place of the old ones, with a transition for each difference.

    The caller is alone with the segment, and with those that refer to it: no change of data is
    followed into them meanwhile.
    What changed since its bite was evaluated, by data or by time, is evaluated once more.
    """
    _look_again(rebuild, now=now)
    before = _newest_transition(rebuild.segment_id)
    entered, left = _replaced(rebuild, now=now)
    for listener in _listeners:
        listener(rebuild.segment_id, before, now)
    _finish(rebuild, now=now)
    _remember(rebuild, entered=entered, left=left, now=now)
    travel(rebuild)
    _forget_candidates(rebuild)


def _look_again(rebuild: Rebuild, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH touched AS (
                DELETE FROM segments_touched WHERE rebuild_id = %(rebuild)s RETURNING contact_id
            )
            SELECT contact_id FROM touched
            UNION
            SELECT contact_id FROM segments_candidate
            WHERE rebuild_id = %(rebuild)s AND until <= %(now)s
            """,
            {"rebuild": rebuild.pk, "now": now},
        )
        ids = [contact_id for (contact_id,) in cursor.fetchall()]
        # Those who are evaluated anew, and those who were erased after their bite.
        cursor.execute(
            """
            DELETE FROM segments_candidate k
            WHERE k.rebuild_id = %s AND (
                k.contact_id = ANY(%s)
                OR NOT EXISTS (SELECT FROM contacts_contact c WHERE c.id = k.contact_id)
            )
            """,
            [rebuild.pk, ids],
        )
    if ids:
        _evaluate(rebuild, ids, now=now)


def _evaluate(rebuild: Rebuild, ids: list[int], *, now: datetime) -> None:
    share_values()
    hold_values(ids)
    zone = workspace_zone()
    definition = load_definitions([rebuild.version_id], zone=zone)[rebuild.version_id]
    facts = current_facts([definition.group], zone=zone)
    parts = compiled(definition.group, facts=facts, now=now)
    these = "c.id = ANY(%(ids)s)"
    params = parts.params | {"rebuild": rebuild.pk, "ids": ids}
    answers = f"""
        SELECT known.id, %(rebuild)s, COALESCE(answer.truth, false), answer.until
        FROM contacts_contact known
        LEFT JOIN ({parts.rows(only=these)}) answer ON answer.contact_id = known.id
        WHERE known.id = ANY(%(ids)s)
        """
    answers = near(answers, only=these, params=params)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO segments_candidate (contact_id, rebuild_id, is_member, until)
            {answers}
            """,
            params,
        )


def _replaced(rebuild: Rebuild, *, now: datetime) -> tuple[int, int]:
    """How many entered, and how many left."""
    found = _count_candidates(rebuild)
    if not found:
        return 0, 0  # and all members need not be read to see that none of them goes
    # How many candidates a rebuild has is not in the statistics. Taken for few, each would be looked for among
    # all members, those just inserted too: minutes instead of a second.
    with _without_nested_loops() if found == MANY else nullcontext():
        moved = _replace_members(rebuild, now=now)
        _replace_deadlines(rebuild)
    return moved


def _count_candidates(rebuild: Rebuild) -> int:
    """No further than MANY."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM segments_candidate WHERE rebuild_id = %s LIMIT %s
            ) candidate
            """,
            [rebuild.pk, MANY],
        )
        found: int = cursor.fetchone()[0]
        return found


@contextmanager
def _without_nested_loops() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")


def _newest_transition(segment_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(max(seq), 0) FROM segments_transition WHERE segment_id = %s",
            [segment_id],
        )
        newest: int = cursor.fetchone()[0]
        return newest


def _replace_members(rebuild: Rebuild, *, now: datetime) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH entered AS (
                INSERT INTO segments_membership (contact_id, segment_id, entered_at)
                SELECT k.contact_id, %(segment)s, %(now)s
                FROM segments_candidate k
                WHERE k.rebuild_id = %(rebuild)s AND k.is_member AND NOT EXISTS (
                    SELECT FROM segments_membership m
                    WHERE m.contact_id = k.contact_id AND m.segment_id = %(segment)s
                )
                RETURNING contact_id
            ),
            gone AS (
                DELETE FROM segments_membership m USING segments_candidate k
                WHERE k.rebuild_id = %(rebuild)s AND NOT k.is_member
                    AND m.segment_id = %(segment)s AND m.contact_id = k.contact_id
                RETURNING m.contact_id
            ),
            logged AS (
                INSERT INTO segments_transition (contact_id, segment_id, entered, at, cause)
                SELECT contact_id, %(segment)s, entered, %(now)s, %(cause)s::jsonb
                FROM (
                    SELECT contact_id, true AS entered FROM entered
                    UNION ALL
                    SELECT contact_id, false FROM gone
                ) flips
            )
            SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM gone)
            """,
            {
                "segment": rebuild.segment_id,
                "rebuild": rebuild.pk,
                "now": now,
                "cause": json.dumps(rebuild.cause),
            },
        )
        entered, gone = cursor.fetchone()
    segment_id = rebuild.segment_id
    add_many(
        [
            (TallySubject.ENTERED, segment_id, now, entered),
            (TallySubject.LEFT, segment_id, now, gone),
        ]
    )
    note_many_moves(Counter({segment_id * 2 + 1: entered, segment_id * 2: gone}))
    return entered, gone


def _replace_deadlines(rebuild: Rebuild) -> None:
    asked = {"segment": rebuild.segment_id, "rebuild": rebuild.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segments_deadline d USING segments_candidate k
            WHERE k.rebuild_id = %(rebuild)s AND k.until IS NULL
                AND d.segment_id = %(segment)s AND d.contact_id = k.contact_id
            """,
            asked,
        )
        cursor.execute(
            """
            INSERT INTO segments_deadline AS d (contact_id, segment_id, due_at)
            SELECT contact_id, %(segment)s, until FROM segments_candidate
            WHERE rebuild_id = %(rebuild)s AND until IS NOT NULL
            ON CONFLICT (contact_id, segment_id) DO UPDATE SET due_at = excluded.due_at
            WHERE d.due_at <> excluded.due_at
            """,
            asked,
        )


def _finish(rebuild: Rebuild, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segments_segment SET live_version_id = %(version)s, built_at = %(now)s,
                member_count = (
                    SELECT count(*) FROM segments_membership WHERE segment_id = %(segment)s
                )
            WHERE id = %(segment)s
            """,
            {"version": rebuild.version_id, "now": now, "segment": rebuild.segment_id},
        )
        cursor.execute(
            "UPDATE segments_rebuild SET state = 'done', ended_at = now() WHERE id = %s",
            [rebuild.pk],
        )


def _forget_candidates(rebuild: Rebuild) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_candidate WHERE rebuild_id = %s", [rebuild.pk])


def _remember(rebuild: Rebuild, *, entered: int, left: int, now: datetime) -> None:
    """What the version did when the members first followed it; later rebuilds are not its doing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segments_segmentversion v
            SET live_at = %s, entered = %s, "left" = %s, members = s.member_count
            FROM segments_segment s
            WHERE s.id = v.segment_id AND v.id = %s AND v.live_at IS NULL
            """,
            [now, entered, left, rebuild.version_id],
        )
