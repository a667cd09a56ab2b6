"""The answer to contacts.retyping: segments whose conditions depend on the type of a field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.urls import reverse

from contacts.retyping.hooks import Dependant, Objection
from segments.catalog import current_catalog
from segments.conditions.catalog import Catalog, FieldInfo
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.drafting import drafts_naming
from segments.engine.locks import hold_publishing
from segments.engine.publish import rebuild_segment
from segments.models import Segment, SegmentUse, SegmentVersion

USES_FIELD = SegmentUse.Kind.FIELD


def objections(key: str, type_: str) -> list[Objection]:
    """Segments that would make no sense with another type of the field, and drafts that would not."""
    now = current_catalog(allow_archived=True)
    then = replace(now, fields={**now.fields, key: _retyped(now, key, type_)})
    found = {
        segment.key: Objection(segment.name, _page(segment.key), problem)
        for segment, definition in _followed(key)
        if (problem := _new_problem(definition, now, then))
    }
    for draft in drafts_naming("field", [key]):
        problem = _new_problem(draft.definition, now, then)
        if problem and draft.key not in found:
            found[draft.key] = Objection(draft.name, _page(draft.key), problem, is_draft=True)
    return list(found.values())


def follow(key: str) -> None:
    """Have all live segments that depend on the field, also through others, computed anew."""
    live = Segment.objects.filter(status=Segment.Status.LIVE, kind=Segment.Kind.DYNAMIC)
    for segment in live.filter(versions__in=_version_ids(key)).distinct().order_by("pk"):
        rebuild_segment(segment=segment, cause={"kind": "field", "field": key})


def _followed(key: str) -> Iterator[tuple[Segment, Any]]:
    versions = SegmentVersion.objects.filter(pk__in=_version_ids(key, is_direct=True))
    return ((version.segment, version.definition) for version in versions.select_related("segment"))


def _version_ids(key: str, *, is_direct: bool = False) -> list[int]:
    """What live and paused segments follow, or will when a rebuild has ended, where it depends
    on the field; `is_direct`: names it itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.id FROM segments_segment s
            JOIN segments_segmentversion v ON v.segment_id = s.id AND (
                v.id = s.live_version_id
                OR v.number = (SELECT max(number) FROM segments_segmentversion WHERE segment_id = s.id)
            )
            JOIN segments_segmentuse u ON u.version_id = v.id
            WHERE s.status IN ('live', 'paused') AND u.kind = %s AND u.ref = %s
                AND (u.is_direct OR NOT %s)
            """,
            [USES_FIELD, key, is_direct],
        )
        return [version_id for (version_id,) in cursor.fetchall()]


def _retyped(catalog: Catalog, key: str, type_: str) -> FieldInfo:
    return replace(catalog.fields[key], type=FieldType(type_))


def _new_problem(definition: Any, now: Catalog, then: Catalog) -> str:
    """What would be wrong with it then and is not now."""
    before = set(_problems(definition, now))
    return next((said for said in _problems(definition, then) if said not in before), "")


def _problems(definition: Any, catalog: Catalog) -> Sequence[str]:
    try:
        parse(definition, catalog)
    except InvalidDefinition as invalid:
        return [problem.message for problem in invalid.problems]
    return []


def _page(key: str) -> str:
    return reverse("segment_detail", args=[key])


DEPENDANT = Dependant(locker=hold_publishing, object_to=objections, follow=follow)
