"""The segments' API: translates between HTTP and services; see docs/api.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar, TypeVar

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Contact
from segmentflow.api.paging import Page, page_answer, page_of, text_param
from segmentflow.api.problems import ApiProblem
from segmentflow.api.rendering import JsonRenderer
from segmentflow.api.views import ANY_SCOPE, Scope
from segmentflow.clock import current_time, workspace_zone
from segmentflow.limits import TooSlow
from segments import asking, listing, selectors, serializers, services
from segments.asking import SegmentApiView
from segments.catalog import current_labels
from segments.conditions.catalog import Labels
from segments.conditions.sentence import sentence
from segments.engine.preview import preview
from segments.export import members_csv
from segments.models import Segment
from segments.status import current_status

MOST_MEMBERS = 10_000

Row = TypeVar("Row")


class SegmentsView(SegmentApiView):
    @extend_schema(
        operation_id="list_segments",
        parameters=[*asking.PAGING, asking.text("search"), asking.text("status")],
        responses=serializers.SegmentPage,
    )
    def get(self, request: Request) -> Response:
        """All segments by key; those in the archive with status=archived."""
        page = page_of(request)
        found = selectors.segments_after(
            key=page.cursor,
            search=text_param(request, "search"),
            status=asking.choice_asked_for(request, "status", Segment.Status.values),
        )
        rows = selectors.describe(found[: page.limit + 1])
        return _page(request, page, rows, serializers.segment_as_data, lambda row: row.segment.key)

    @extend_schema(
        operation_id="create_segment",
        request=serializers.NewSegment,
        responses={201: serializers.SegmentAnswer},
    )
    def post(self, request: Request) -> Response:
        """Make a segment. With a definition it is live at once, unless status is draft."""
        given = asking.body(request, serializers.NewSegment)
        segment = services.create_segment(
            **given, author=asking.author(request), now=current_time()
        )
        return Response(_as_data(segment), status=201)


class SegmentView(SegmentApiView):
    @extend_schema(operation_id="get_segment", responses=serializers.SegmentAnswer)
    def get(self, request: Request, key: str) -> Response:
        return Response(_as_data(_segment(key)))

    @extend_schema(
        operation_id="change_segment",
        request=serializers.SegmentChanges,
        responses=serializers.SegmentAnswer,
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent. A new definition of a live segment is published at once."""
        given = asking.body(request, serializers.SegmentChanges)
        segment = services.update_segment(
            segment=_segment(key), **given, author=asking.author(request), now=current_time()
        )
        return Response(_as_data(segment))

    @extend_schema(operation_id="delete_segment", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Forget the segment and its history; refused (409) while it is used."""
        services.delete_segment(segment=_segment(key))
        return Response(status=204)


class MembersView(SegmentApiView):
    rights: ClassVar = dict.fromkeys(("POST", "DELETE"), "segments.change_segment")

    @extend_schema(
        operation_id="list_members", parameters=asking.PAGING, responses=serializers.MemberPage
    )
    def get(self, request: Request, key: str) -> Response:
        """Who is in the segment now, by contact id; up to 10,000 at once."""
        page = page_of(request, most=MOST_MEMBERS)
        rows = selectors.members(segment=_segment(key), after=page.number, limit=page.limit + 1)
        return _page(request, page, rows, serializers.member_as_data, lambda row: row["id"])

    @extend_schema(
        operation_id="add_members",
        request=serializers.ListedContacts,
        responses=serializers.Added,
    )
    def post(self, request: Request, key: str) -> Response:
        """List contacts in a static segment; those that are not known are reported."""
        segment, rows = _segment(key), asking.rows(request, "contacts")
        outcome = listing.list_contacts(segment=segment, rows=rows, now=current_time())
        return Response({"added": outcome.count, "errors": _row_errors(outcome)})

    @extend_schema(
        operation_id="remove_members",
        request=serializers.ListedContacts,
        responses=serializers.Removed,
    )
    def delete(self, request: Request, key: str) -> Response:
        """Take contacts off a static segment's list; those that are not known are reported."""
        segment, rows = _segment(key), asking.rows(request, "contacts")
        outcome = listing.unlist_contacts(segment=segment, rows=rows, now=current_time())
        return Response({"removed": outcome.count, "errors": _row_errors(outcome)})


class Csv(BaseRenderer):
    """Named, so that a program may accept text/csv only; what is sent is streamed."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, *context: Any) -> bytes:
        return JsonRenderer().render(data)


class MembersCsvView(SegmentApiView):
    renderer_classes = [Csv, JsonRenderer]

    @extend_schema(operation_id="export_members", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """All members as a CSV file, streamed."""
        return members_csv(_segment(key), now=current_time())


class PreviewView(SegmentApiView):
    scopes: ClassVar = {"POST": frozenset({Scope.READ, Scope.WRITE})}
    rights: ClassVar = {"POST": asking.SEE}

    @extend_schema(
        operation_id="preview_definition",
        request=serializers.PreviewRequest,
        responses=serializers.PreviewAnswer,
    )
    def post(self, request: Request) -> Response:
        """How many contacts a definition matches now, and each of its conditions alone."""
        given = asking.body(request, serializers.PreviewRequest)
        group = services.check_definition(definition=given["definition"])
        try:
            found = preview(group, now=current_time(), sample=given["sample"])
        except TooSlow:
            said = "With these conditions it takes over half a minute; simplify them."
            raise ApiProblem(503, "This takes too long to count", said) from None
        return Response(
            {
                "count": found.count,
                "exact": found.exact,
                "sample": selectors.contacts_by_id(found.contact_ids),
                "conditions": [asdict(node) for node in found.conditions],
                "sentence": sentence(group, current_labels()),
            }
        )


class TransitionsView(SegmentApiView):
    @extend_schema(
        operation_id="list_transitions",
        parameters=[*asking.PAGING, asking.moment("since")],
        responses=serializers.TransitionPage,
    )
    def get(self, request: Request, key: str) -> Response:
        """Who entered or left, when and why; oldest first."""
        page = page_of(request)
        rows = selectors.transitions(
            segment=_segment(key),
            since=asking.moment_asked_for(request, "since"),
            after=page.number,
            limit=page.limit + 1,
        )
        as_data = partial(serializers.transition_as_data, labels=Labels(zone=workspace_zone()))
        return _page(request, page, list(rows), as_data, lambda row: row.seq)


class ContactSegmentsView(SegmentApiView):
    @extend_schema(operation_id="list_segments_of_contact", responses=serializers.ContactSegments)
    def get(self, request: Request, contact_id: int) -> Response:
        """The segments a contact is in now."""
        contact = get_object_or_404(Contact, pk=contact_id)
        rows = selectors.segments_of_contact(contact_id=contact.pk)
        results = [
            {"key": row.segment.key, "name": row.segment.name, "entered_at": row.entered_at}
            for row in rows
        ]
        return Response({"results": results, "next": None})


class StatusView(SegmentApiView):
    scopes: ClassVar = {"GET": ANY_SCOPE}

    @extend_schema(operation_id="status", responses=serializers.StatusAnswer)
    def get(self, request: Request) -> Response:
        """How far behind the members are, and how many workers follow."""
        return Response(current_status(now=current_time()))


def _segment(key: str) -> Segment:
    return get_object_or_404(Segment, key=key)


def _page(
    request: Request,
    page: Page,
    rows: Sequence[Row],
    as_data: Callable[[Row], dict[str, Any]],
    cursor_of: Callable[[Row], object],
) -> Response:
    return Response(page_answer(request, page, rows, as_data=as_data, cursor_of=cursor_of))


def _as_data(segment: Segment) -> dict[str, Any]:
    segment.refresh_from_db()
    return serializers.segment_as_data(selectors.describe_one(segment))


def _row_errors(outcome: listing.Outcome) -> list[dict[str, Any]]:
    return [{"index": row.index, "errors": [asdict(row.problem)]} for row in outcome.problems]
