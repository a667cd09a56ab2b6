"""The proof after each scenario: memberships computed anew and compared with what is stored."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from bench.speed.stage import Site
from bench.speed.waiting import say, wait_until_settled

if TYPE_CHECKING:
    from segments.engine.facts import Definition

LOOKS = 4
"""An answer that time changes while it is compared is compared again, so often at most."""
SHOWN = 5


def check(
    site: Site,
    *,
    contacts: Collection[int] | None = None,
    segments: Collection[int] | None = None,
) -> int:
    """Mistakes in the stored memberships, after everything has been followed.

    With `contacts` only of these, with `segments` only in these, both by id. The installation goes on meanwhile, and so does time:
    what differs is looked at again a moment later, and is a mistake if it still differs then.
    """
    from segments.engine.affected import targets
    from segments.engine.facts import load_definitions

    wait_until_settled()
    live = [target.version_id for target in targets() if target.rebuild_id is None]
    wrong = 0
    for definition in load_definitions(live).values():
        if segments is not None and definition.segment_id not in segments:
            continue
        found = set(_differing(definition, contacts))
        for _ in range(LOOKS):
            if not found:
                break
            time.sleep(0.3)
            wait_until_settled()
            found = set(_differing(definition, found))
        if found:
            wrong += len(found)
            say(f"  MISTAKES in {definition.key}: {len(found)}, such as {sorted(found)[:SHOWN]}")
    return wrong


def _differing(definition: Definition, contacts: Collection[int] | None) -> Iterator[int]:
    from django.db import connection

    from segmentflow.clock import current_time
    from segments.engine.evaluate import compiled
    from segments.engine.facts import current_facts

    facts = current_facts([definition.group])
    parts = compiled(definition.group, facts=facts, now=current_time())
    only = "true" if contacts is None else "c.id = ANY(%(contacts)s)"
    some = "true" if contacts is None else "contact_id = ANY(%(contacts)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH answer AS (SELECT contact_id FROM ({parts.rows(only=only)}) r WHERE truth),
            member AS (
                SELECT contact_id FROM segments_membership
                WHERE segment_id = %(segment)s AND {some}
            )
            SELECT contact_id FROM answer FULL JOIN member USING (contact_id)
            WHERE answer.contact_id IS NULL OR member.contact_id IS NULL
            """,
            parts.params | {"segment": definition.segment_id, "contacts": list(contacts or ())},
        )
        yield from (row[0] for row in cursor.fetchall())
