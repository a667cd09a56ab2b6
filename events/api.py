"""The events' API: translates between HTTP and services; see docs/api.md."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Contact
from contacts.problems import Problem, Refused
from contacts.values import is_storable
from contacts.viewing import PAGING, DataApiView, row_errors, rows_refused, sent_rows
from events import serializers
from events.models import EventType
from events.registry import create_event_type, update_event_type
from events.rows import EventRow, read_event
from events.selectors import events_of_contact
from events.services import RecordResult, record_events
from events.sources import Source, note_refused
from segmentflow.api.paging import Page, in_utc, page_answer, page_of
from segmentflow.api.problems import ErrorAt, invalid
from segmentflow.api.rendering import as_text
from segmentflow.api.views import Scope
from segmentflow.clock import current_time, workspace_zone


class EventsView(DataApiView):
    model = "events.event"
    scopes = {"POST": frozenset({Scope.INGEST.value})}

    @extend_schema(
        operation_id="send_events",
        request=PolymorphicProxySerializer(
            component_name="EventOrBatch",
            serializers=[serializers.SentEvent, serializers.EventBatch],
            resource_type_field_name=None,
        ),
        responses={202: serializers.RecordAnswer},
    )
    def post(self, request: Request) -> Response:
        """Store one event, or up to 5,000 as {"events": [...]}. What is answered 202 is kept."""
        raw = request.data
        if isinstance(raw, dict) and "events" not in raw:
            self.charge_events(request, 1)
            result = _record([raw])
            if result.errors:
                raise Refused(result.errors[0])
        else:
            sent = sent_rows(raw, "events")
            self.charge_events(request, len(sent))
            result = _record(sent)
            if not result.accepted and not result.duplicates:
                raise _nothing_acceptable(result)
        answer = {"accepted": result.accepted, "duplicates": result.duplicates}
        return Response({**answer, "errors": row_errors(result.errors)}, status=202)


def _record(sent: list[Any]) -> RecordResult:
    """Those of the right shape are stored; errors of both kinds are by the place of the event."""
    now, zone = current_time(), cache(workspace_zone)
    rows: dict[int, EventRow] = {}
    errors: dict[int, list[Problem]] = {}
    for index, raw in enumerate(sent):
        row = read_event(raw, zone=zone, now=now)
        if isinstance(row, list):
            errors[index] = row
        else:
            rows[index] = row
    if not rows:
        note_refused(Source.API, len(errors))
        return RecordResult(errors=errors)
    result = record_events(rows=list(rows.values()), now=now, source=Source.API)
    places = list(rows)
    errors |= {places[number]: found for number, found in result.errors.items()}
    note_refused(Source.API, len(errors))
    return RecordResult(result.accepted, result.duplicates, errors)


def _nothing_acceptable(result: RecordResult) -> Refused:
    if not result.errors:
        return Refused([Problem("events", "empty", "There are no events in this request.")])
    return rows_refused(result.errors, "events")


class ContactEventsView(DataApiView):
    model = "events.event"

    @extend_schema(
        operation_id="list_events_of_contact", parameters=PAGING, responses=serializers.EventPage
    )
    def get(self, request: Request, contact_id: str) -> Response:
        """What a contact did, newest first."""
        get_object_or_404(Contact, pk=int(contact_id))
        page = page_of(request)
        rows = list(
            events_of_contact(
                contact_id=int(contact_id), before=_moment(page), limit=page.limit + 1
            )
        )
        return Response(
            page_answer(request, page, rows, as_data=event_as_data, cursor_of=_cursor_of)
        )


def _moment(page: Page) -> tuple[datetime, str] | None:
    """A cursor is the time and the message id of the last event before."""
    if not page.cursor:
        return None
    at, _, message_id = page.cursor.partition("/")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    moment = in_utc(moment) if moment is not None and moment.tzinfo is not None else None
    if moment is None:
        raise invalid(ErrorAt("cursor", "invalid", "This is no cursor of this list."))
    return moment, message_id


def _cursor_of(event: dict[str, Any]) -> str:
    return f"{as_text(event['occurred_at'])}/{event['message_id']}"


class EventTypesView(DataApiView):
    model = "events.eventtype"

    @extend_schema(
        operation_id="list_event_types", parameters=PAGING, responses=serializers.EventTypePage
    )
    def get(self, request: Request) -> Response:
        """All types of events, by key."""
        page = page_of(request)
        rows = list(EventType.objects.filter(key__gt=page.cursor).order_by("key")[: page.limit + 1])
        return Response(
            page_answer(
                request, page, rows, as_data=event_type_as_data, cursor_of=lambda row: row.key
            )
        )

    @extend_schema(
        operation_id="create_event_type",
        request=serializers.NewEventType,
        responses={201: serializers.EventTypeAnswer},
    )
    def post(self, request: Request) -> Response:
        """Register a type before its first event."""
        event_type = create_event_type(raw=request.data, now=current_time())
        event_type.refresh_from_db()
        return Response(event_type_as_data(event_type), status=201)


class EventTypeView(DataApiView):
    model = "events.eventtype"

    @extend_schema(operation_id="get_event_type", responses=serializers.EventTypeAnswer)
    def get(self, request: Request, key: str) -> Response:
        return Response(event_type_as_data(_event_type(key)))

    @extend_schema(
        operation_id="change_event_type",
        request=serializers.EventTypeChanges,
        responses=serializers.EventTypeAnswer,
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent. The key cannot change: events name it."""
        changed = update_event_type(
            event_type=_event_type(key), raw=request.data, now=current_time()
        )
        return Response(event_type_as_data(changed))


def _event_type(key: str) -> EventType:
    if not is_storable(key):
        raise Http404
    return get_object_or_404(EventType, key=key)


def event_as_data(event: dict[str, Any]) -> dict[str, Any]:
    times = {name: as_text(event[name]) for name in ("occurred_at", "received_at")}
    return {**event, **times}


def event_type_as_data(event_type: EventType) -> dict[str, Any]:
    return {
        "key": event_type.key,
        "label": event_type.label,
        "description": event_type.description,
        "value_attribute": event_type.value_attribute,
        "attributes": event_type.attributes,
        "archived_at": as_text(event_type.archived_at),
        "created_at": as_text(event_type.created_at),
    }
