"""Sizes of segments in the API: over time, and by the values of a field."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from segmentflow.api.paging import text_param
from segmentflow.api.problems import ApiProblem
from segmentflow.clock import current_time, workspace_zone
from segmentflow.limits import TooSlow
from segments import asking, serializers
from segments.asking import SegmentApiView
from segments.breakdown.counting import PATIENT
from segments.breakdown.fields import USUAL, Asked, built_in_fields, own_fields
from segments.breakdown.telling import Breakdown, Group, break_down
from segments.history import LONGEST_DAYS, LONGEST_HOURLY, history, hourly, hours_of_days
from segments.models import Segment
from segments.ranges import RANGES, begin_of, range_of

USUAL_DAYS = 30
GRAINS = ("hour", "day")
SPANS = tuple(one.key for one in RANGES)


class HistoryView(SegmentApiView):
    @extend_schema(
        operation_id="size_over_time",
        parameters=[
            asking.text("grain", enum=GRAINS),
            *(asking.day(name) for name in ("first", "last", "from", "to")),
        ],
        responses=serializers.HistoryAnswer,
    )
    def get(self, request: Request, key: str) -> Response:
        """Size at the end of each local day, or hour (grain=hour), with who entered and left.

        The last 30 days, or today's and yesterday's hours. `from` and `to` are other names of
        `first` and `last`.
        """
        segment, now, zone = segment_of(key), current_time(), workspace_zone()
        is_hourly = asking.choice_asked_for(request, "grain", GRAINS) == "hour"
        longest, usual = (LONGEST_HOURLY, 2) if is_hourly else (LONGEST_DAYS, USUAL_DAYS)
        first, last = asking.days_asked_for(
            request, today=now.astimezone(zone).date(), usual=usual, longest=longest
        )
        if not is_hourly:
            days = history(segment=segment, first=first, last=last)
            return Response({"results": [asdict(day) for day in days]})
        starts = hours_of_days(first, last, until=now, zone=zone)
        hours = hourly(segment=segment, starts=starts) if starts else []
        return Response({"results": [asdict(hour) for hour in hours]})


class BreakdownView(SegmentApiView):
    @extend_schema(
        operation_id="break_members_down",
        parameters=[asking.text("field"), asking.text("range", enum=SPANS)],
        responses=serializers.BreakdownAnswer,
    )
    def get(self, request: Request, key: str) -> Response:
        """Members by the values of a field, compared with all contacts.

        Entered and left are counted within the range (the last 30 days), by the values that
        contacts have today.
        """
        segment, field = segment_of(key), _field(request)
        range_ = range_of(asking.choice_asked_for(request, "range", SPANS))
        zone = workspace_zone()
        since = begin_of(range_, segment, now=current_time(), zone=zone)
        try:
            found = break_down(segment, field, since=since, zone=zone.key, limits=PATIENT)
        except TooSlow:
            said = (
                "The members are so many, or their values so different, that this takes too long."
            )
            raise ApiProblem(503, "This takes too long to count", said) from None
        return Response(_as_data(found) | {"since": since})


def segment_of(key: str) -> Segment:
    return get_object_or_404(Segment, key=key)


def _field(request: Request) -> Asked:
    wanted = text_param(request, "field") or USUAL
    for one in (*own_fields(), *built_in_fields()):
        if one.key == wanted:
            return one
    raise asking.refused("field", "There is no field with this key by which to tell members apart.")


def _as_data(found: Breakdown) -> dict[str, Any]:
    return {
        "key": found.field.key,
        "members": found.members,
        "contacts": found.contacts,
        "exact": found.is_exact,
        "results": [_group(group) for group in found.groups],
    }


def _group(group: Group) -> dict[str, Any]:
    data = asdict(group)
    return {"words": data.pop("label"), **data, "lift": group.lift}
