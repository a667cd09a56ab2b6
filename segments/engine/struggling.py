"""Live segments that cannot be evaluated, by their data or in time: reported, and no hindrance to others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import DataError, OperationalError, transaction

from segmentflow.limits import was_cancelled
from segments.conditions.sql.facts import Facts
from segments.engine.evaluate import Difference, differences
from segments.engine.facts import Definition
from segments.engine.statements import Asked
from segments.models import Rebuild, Segment

logger = logging.getLogger(__name__)

LONGEST_MS = 20_000
"""For one segment and the contacts of one pass; usual are milliseconds."""
TOO_SLOW: Final = (
    "Looking at a few contacts took too long, so that others had to wait."
    " Simplify its conditions, above all patterns and sequences, then resume it."
)


def evaluated(asked: Sequence[Asked], *, facts: Facts, now: datetime) -> list[Difference]:
    """The differences; a segment that the data breaks or that takes too long has none."""
    if not asked:
        return []
    try:
        return _within(asked, facts=facts, now=now)
    except DataError as problem:
        if len(asked) == 1:
            _note_failure(asked[0].definition, problem)
            return []
    except OperationalError as problem:
        if not was_cancelled(problem):
            raise
        if len(asked) == 1:
            return _in_halves(asked[0], facts=facts, now=now)
    return [row for one in asked for row in evaluated([one], facts=facts, now=now)]


@transaction.atomic
def _within(asked: Sequence[Asked], *, facts: Facts, now: datetime) -> list[Difference]:
    return differences(asked, facts=facts, now=now, longest_ms=LONGEST_MS)


def _in_halves(asked: Asked, *, facts: Facts, now: datetime) -> list[Difference]:
    """Once more, for it may have been the machine; then the segment is paused."""
    ids = sorted(asked.contact_ids)
    middle = (len(ids) + 1) // 2
    found = []
    try:
        for half in filter(None, (ids[:middle], ids[middle:])):
            found += _within([replace(asked, contact_ids=set(half))], facts=facts, now=now)
    except OperationalError as problem:
        if not was_cancelled(problem):
            raise
        _pause(asked.definition)
        return []
    return found


def _note_failure(definition: Definition, problem: DataError) -> None:
    logger.error("segment %s cannot be evaluated: %s", definition.key, problem)
    Rebuild.objects.get_or_create(
        segment_id=definition.segment_id,
        version_id=definition.version_id,
        state=Rebuild.State.FAILED,
        defaults={"error": str(problem), "cause": {"kind": "data"}},
    )


def _pause(definition: Definition) -> None:
    """Its members stay as they are, and its page says why; resuming finds them anew."""
    logger.error("segment %s is paused: evaluating it takes too long", definition.key)
    live = Segment.objects.filter(pk=definition.segment_id, status=Segment.Status.LIVE)
    if live.update(status=Segment.Status.PAUSED):
        Rebuild.objects.create(
            segment_id=definition.segment_id,
            version_id=definition.version_id,
            state=Rebuild.State.FAILED,
            error=TOO_SLOW,
            cause={"kind": "time"},
        )
