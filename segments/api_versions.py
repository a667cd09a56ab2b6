"""The versions of a segment by API: what they say, what they changed, and going back to one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.problems import Conflict
from segmentflow.api.paging import page_answer, page_of
from segmentflow.clock import current_time
from segmentflow.exact import ExactEncoder
from segmentflow.users import name_of
from segments import asking, selectors
from segments.asking import SegmentApiView
from segments.conditions.difference import Difference
from segments.copying import restore_version
from segments.models import Segment, SegmentVersion
from segments.serializers import SegmentAnswer, segment_as_data
from segments.versions import Row, compared, described_version, described_versions, versions_of

SEE = {"GET": "segments.view_segmentversion"}
RESTORE = {"POST": "segments.change_segment"}
MOST = 100
LARGEST = 2**31 - 1


class ChangeAnswer(serializers.Serializer[Any]):
    change = serializers.ChoiceField(["added", "removed", "changed"])
    within = serializers.ListField(
        child=serializers.CharField(), help_text="What the groups around it ask, outermost first."
    )
    before = serializers.CharField(help_text="Empty for what was added.")
    after = serializers.CharField(help_text="Empty for what was removed.")


class VersionAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    definition = serializers.JSONField(encoder=ExactEncoder)
    sentence = serializers.CharField(help_text="Empty when what it is made of has gone.")
    author = serializers.CharField(help_text="Empty for a program.")
    created_at = serializers.DateTimeField()
    live = serializers.BooleanField(help_text="Whether the members follow it.")
    live_at = serializers.DateTimeField(
        allow_null=True, help_text="When members first followed it; null when they never did."
    )
    members = serializers.IntegerField(allow_null=True, help_text="At that moment.")
    entered = serializers.IntegerField(allow_null=True, help_text="Whom it brought in then.")
    left = serializers.IntegerField(allow_null=True, help_text="Whom it took out then.")
    changes = ChangeAnswer(
        many=True, allow_null=True, help_text="To the version before; null where none is readable."
    )


class VersionPage(serializers.Serializer[Any]):
    results = VersionAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class ComparedAnswer(serializers.Serializer[Any]):
    same = serializers.BooleanField()
    changes = ChangeAnswer(many=True)


class VersionsView(SegmentApiView):
    rights = SEE

    @extend_schema(operation_id="list_versions", parameters=asking.PAGING, responses=VersionPage)
    def get(self, request: Request, key: str) -> Response:
        """Every definition that was published, the newest first, up to 100 at once."""
        page, segment = page_of(request, most=MOST), _segment(key)
        found = versions_of(segment)
        if page.cursor:
            found = found.filter(number__lt=min(page.number, LARGEST))
        # One more to know that there is a next page, and one to tell what that one changed.
        rows = described_versions(segment, list(found[: page.limit + 2]))[: page.limit + 1]
        return Response(
            page_answer(
                request,
                page,
                rows,
                as_data=partial(_as_data, segment),
                cursor_of=lambda row: row.version.number,
            )
        )


class VersionView(SegmentApiView):
    rights = SEE

    @extend_schema(operation_id="get_version", responses=VersionAnswer)
    def get(self, request: Request, key: str, number: str) -> Response:
        segment = _segment(key)
        return Response(_as_data(segment, described_version(segment, _version(segment, number))))


class ComparedView(SegmentApiView):
    rights = SEE

    @extend_schema(operation_id="compare_versions", responses=ComparedAnswer)
    def get(self, request: Request, key: str, number: str, other: str) -> Response:
        """What differs in another version from this one; 409 when one cannot be read any more."""
        segment = _segment(key)
        found = compared(_version(segment, number), _version(segment, other)).difference
        if found is None:
            raise Conflict("What one of these versions refers to has been deleted.")
        return Response({"same": found.is_same, "changes": _changes(found)})


class RestoreVersionView(SegmentApiView):
    rights = RESTORE

    @extend_schema(operation_id="restore_version", request=None, responses=SegmentAnswer)
    def post(self, request: Request, key: str, number: str) -> Response:
        """Publish an old definition again, as a new version; of a paused segment it becomes the
        draft that is published when it resumes."""
        segment = _segment(key)
        changed = restore_version(
            version=_version(segment, number), author=asking.author(request), now=current_time()
        )
        changed.refresh_from_db()
        return Response(segment_as_data(selectors.describe_one(changed)))


def _segment(key: str) -> Segment:
    return get_object_or_404(Segment, key=key)


def _version(segment: Segment, number: str) -> SegmentVersion:
    if int(number) > LARGEST:
        raise Http404
    return get_object_or_404(versions_of(segment), number=int(number))


def _as_data(segment: Segment, row: Row) -> dict[str, Any]:
    version = row.version
    return {
        "number": version.number,
        "definition": version.definition,
        "sentence": row.sentence,
        "author": name_of(version.author) if version.author else "",
        "created_at": version.created_at,
        "live": row.is_live,
        "live_at": version.live_at,
        "members": version.members,
        "entered": version.entered,
        "left": version.left,
        "changes": _changes(row.difference) if row.difference else None,
    }


def _changes(found: Difference) -> list[dict[str, Any]]:
    return [
        {
            "change": str(line.change),
            "within": list(line.within),
            "before": line.before,
            "after": line.after,
        }
        for line in found.changes
    ]
