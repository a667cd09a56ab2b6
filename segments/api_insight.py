"""The API about several segments, and about what is special in one; see docs/api.md."""

from __future__ import annotations

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from segmentflow.api.problems import ApiProblem
from segmentflow.clock import current_time
from segmentflow.limits import TooSlow
from segments import asking
from segments.asking import SegmentApiView
from segments.distinguishing.suggestions import suggestions_for
from segments.models import Segment
from segments.overlap.choosing import NOT_FOUND, asked_for
from segments.overlap.combinations import FEWEST, MOST, overlap_of
from segments.serializers_insight import (
    OverlapAnswer,
    SuggestionsAnswer,
    overlap_as_data,
    suggestions_as_data,
)

SEVERAL = OpenApiParameter(
    "segment",
    OpenApiTypes.STR,
    many=True,
    required=True,
    description=f"Key of a segment, {FEWEST} to {MOST} times.",
)
TOO_SLOW = "This could not be counted in time. Try again, or with fewer segments."


class OverlapView(SegmentApiView):
    @extend_schema(
        operation_id="overlap_of_segments", parameters=[SEVERAL], responses=OverlapAnswer
    )
    def get(self, request: Request) -> Response:
        """How many contacts are in which of two to five segments: every combination, exactly."""
        asked = asked_for(request.query_params.getlist("segment"))
        if asked.status == NOT_FOUND:
            raise NotFound(asked.problem)
        if asked.problem or not asked.is_enough:
            said = (
                asked.problem or f"“segment” is given {FEWEST} to {MOST} times, each another key."
            )
            raise asking.refused("segment", said)
        try:
            return Response(overlap_as_data(overlap_of(asked.segments)))
        except TooSlow:
            raise ApiProblem(503, "Not in time", TOO_SLOW) from None


class SuggestionsView(SegmentApiView):
    rights: ClassVar = {"GET": "events.view_event"}

    @extend_schema(operation_id="what_distinguishes_members", responses=SuggestionsAnswer)
    def get(self, request: Request, key: str) -> Response:
        """What members have more often than everybody else, from some thousand of each."""
        segment = get_object_or_404(Segment, key=key)
        try:
            return Response(suggestions_as_data(suggestions_for(segment, now=current_time())))
        except TooSlow:
            raise ApiProblem(503, "Not in time", TOO_SLOW) from None
