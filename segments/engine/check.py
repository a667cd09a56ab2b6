"""The proof: every membership recomputed from nothing and compared with what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from segmentflow.clock import workspace_zone
from segments.engine.affected import targets
from segments.engine.evaluate import compiled
from segments.engine.facts import Definition, current_facts, load_definitions
from segments.engine.near import near


@dataclass(frozen=True, slots=True)
class Mistake:
    """One contact whose stored state in one segment is not what the definition says."""

    segment: str
    contact_id: int
    stored: bool
    right: bool


def check(*, segment_key: str | None = None, now: datetime) -> list[Mistake]:
    """Compare the live segments (or one) with their definitions.

    Says something about a system that has caught up, such as right after `settle`.
    """
    live = [target.version_id for target in targets() if target.rebuild_id is None]
    zone = workspace_zone()
    definitions = load_definitions(live, zone=zone).values()
    return [
        mistake
        for definition in definitions
        if segment_key in (None, definition.key)
        for mistake in _mistakes(definition, zone=zone, now=now)
    ]


@transaction.atomic
def _mistakes(definition: Definition, *, zone: ZoneInfo, now: datetime) -> list[Mistake]:
    facts = current_facts([definition.group], zone=zone)
    parts = compiled(definition.group, facts=facts, now=now)
    params = parts.params | {"segment": definition.segment_id}
    sql = f"""
        WITH answer AS (SELECT contact_id FROM ({parts.rows()}) r WHERE truth),
        member AS (SELECT contact_id FROM segments_membership WHERE segment_id = %(segment)s)
        SELECT contact_id, member.contact_id IS NOT NULL, answer.contact_id IS NOT NULL
        FROM answer FULL JOIN member USING (contact_id)
        WHERE answer.contact_id IS NULL OR member.contact_id IS NULL
        ORDER BY contact_id
        """
    with connection.cursor() as cursor:
        cursor.execute(near(sql, only="true", params=params), params)
        return [Mistake(definition.key, *row) for row in cursor.fetchall()]
