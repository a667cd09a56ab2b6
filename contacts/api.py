"""The contacts' API: translates between HTTP and services; see docs/api.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import serializers
from contacts.changing import change_contact
from contacts.consents import Held, consents_of
from contacts.decisions import state_of
from contacts.erasure import erase_contacts
from contacts.fields import create_field, delete_field, update_field
from contacts.models import Field
from contacts.narrowing import narrowers
from contacts.problems import Problem, Refused
from contacts.rows import IDENTITIES, ContactRow, read_contact
from contacts.selecting import Selection
from contacts.selectors import contact_by_id, contacts_after
from contacts.services import UpsertResult, upsert_contacts
from contacts.viewing import PAGING, DataApiView, row_errors, sent_rows
from segmentflow.api.paging import page_answer, page_of, text_param
from segmentflow.api.rendering import as_text
from segmentflow.api.views import Scope
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User
from segmentflow.users import name_of

INGEST: dict[str, frozenset[str]] = {"POST": frozenset({Scope.INGEST})}


class ContactsView(DataApiView):
    model = "contacts.contact"
    scopes = INGEST

    @extend_schema(
        operation_id="list_contacts",
        parameters=[
            *PAGING,
            *(OpenApiParameter(name, OpenApiTypes.STR) for name in (*IDENTITIES, "segment")),
            OpenApiParameter(
                "search", OpenApiTypes.STR, description="Words that names or identities begin with."
            ),
        ],
        responses=serializers.ContactPage,
    )
    def get(self, request: Request) -> Response:
        """Contacts in the order of their ids."""
        page = page_of(request)
        by = {
            name: value
            for name in (*IDENTITIES, *narrowers())
            if (value := text_param(request, name))
        }
        selection = Selection(words=text_param(request, "search"), by=by)
        rows = contacts_after(page.number, limit=page.limit + 1, selection=selection, by=by)
        held = consents_of([row["id"] for row in rows])
        return Response(
            page_answer(
                request,
                page,
                rows,
                as_data=lambda row: contact_as_data(row, held.get(row["id"], {})),
                cursor_of=lambda row: row["id"],
            )
        )

    @extend_schema(
        operation_id="send_contact",
        request=serializers.SentContact,
        responses={200: serializers.ContactAnswer, 201: serializers.ContactAnswer},
    )
    def post(self, request: Request) -> Response:
        """Create or update one contact, found by id, else external_id, else email, else phone."""
        row = read_contact(request.data, source=_source(request))
        if isinstance(row, list):
            raise Refused(row)
        self.charge_events(request, 1)
        return _stored(row)


class ContactBatchView(DataApiView):
    model = "contacts.contact"
    scopes = INGEST

    @extend_schema(
        operation_id="send_contacts",
        request=serializers.ContactBatch,
        responses={200: serializers.BatchAnswer},
    )
    def post(self, request: Request) -> Response:
        """Create or update up to 5,000 contacts; good ones are stored, bad ones reported."""
        rows: dict[int, ContactRow] = {}
        errors: dict[int, list[Problem]] = {}
        source, sent = _source(request), sent_rows(request.data, "contacts")
        self.charge_events(request, len(sent))
        for index, raw in enumerate(sent):
            row = read_contact(raw, source=source)
            if isinstance(row, list):
                errors[index] = row
            else:
                rows[index] = row
        result = upsert_contacts(rows=list(rows.values()), now=current_time())
        places = list(rows)
        errors |= {places[number]: found for number, found in result.errors.items()}
        answer = {"created": result.created, "updated": result.updated}
        return Response({**answer, "errors": row_errors(errors)})


class ContactView(DataApiView):
    model = "contacts.contact"

    @extend_schema(operation_id="get_contact", responses=serializers.ContactAnswer)
    def get(self, request: Request, contact_id: str) -> Response:
        return Response(_data_of(int(contact_id)))

    @extend_schema(
        operation_id="change_contact",
        request=serializers.ContactValues,
        responses=serializers.ContactAnswer,
    )
    def patch(self, request: Request, contact_id: str) -> Response:
        """Change what is sent; null or an empty text removes a value."""
        _data_of(int(contact_id))
        row = read_contact(request.data, source=_source(request))
        if isinstance(row, list):
            raise Refused(row)
        if row.id not in (None, int(contact_id)):
            raise Refused([Problem("id", "wrong_type", "An id cannot change.")])
        return _answered(change_contact(row=replace(row, id=int(contact_id)), now=current_time()))

    @extend_schema(operation_id="erase_contact", responses={204: None})
    def delete(self, request: Request, contact_id: str) -> Response:
        """Erase the person everywhere: values, events, memberships and logs."""
        if not erase_contacts(contact_ids=[int(contact_id)]):
            raise Http404
        return Response(status=204)


class FieldsView(DataApiView):
    model = "contacts.field"

    @extend_schema(operation_id="list_fields", parameters=PAGING, responses=serializers.FieldPage)
    def get(self, request: Request) -> Response:
        """The additional fields, by key."""
        page = page_of(request)
        rows = list(Field.objects.filter(key__gt=page.cursor).order_by("key")[: page.limit + 1])
        return Response(
            page_answer(request, page, rows, as_data=field_as_data, cursor_of=lambda row: row.key)
        )

    @extend_schema(
        operation_id="create_field",
        request=serializers.NewField,
        responses={201: serializers.FieldAnswer},
    )
    def post(self, request: Request) -> Response:
        field = create_field(raw=request.data, now=current_time())
        field.refresh_from_db()
        return Response(field_as_data(field), status=201)


class FieldView(DataApiView):
    model = "contacts.field"

    @extend_schema(operation_id="get_field", responses=serializers.FieldAnswer)
    def get(self, request: Request, key: str) -> Response:
        return Response(field_as_data(get_object_or_404(Field, key=key)))

    @extend_schema(
        operation_id="change_field",
        request=serializers.FieldChanges,
        responses=serializers.FieldAnswer,
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent. The key never changes, the type only in the browser, with all values."""
        field = get_object_or_404(Field, key=key)
        return Response(
            field_as_data(update_field(field=field, raw=request.data, now=current_time()))
        )

    @extend_schema(operation_id="delete_field", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Forget the field and its values; refused (409) while a segment uses it."""
        delete_field(field=get_object_or_404(Field, key=key))
        return Response(status=204)


def contact_as_data(contact: dict[str, Any], held: Mapping[str, Held]) -> dict[str, Any]:
    times = {name: as_text(contact[name]) for name in ("created_at", "updated_at")}
    consents = {
        channel: {
            "state": state_of(subscribed=one.subscribed),
            "at": as_text(one.at),
            "source": one.source,
        }
        for channel, one in held.items()
    }
    return {**contact, "consents": consents, **times}


def field_as_data(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "type": field.type,
        "choices": field.choices,
        "description": field.description,
        "archived_at": as_text(field.archived_at),
        "created_at": as_text(field.created_at),
    }


def _stored(row: ContactRow) -> Response:
    return _answered(upsert_contacts(rows=[row], now=current_time()))


def _answered(result: UpsertResult) -> Response:
    [contact_id] = result.contact_ids
    if contact_id is None:
        raise Refused(result.errors[0])
    return Response(_data_of(contact_id), status=201 if result.created else 200)


def _data_of(contact_id: int) -> dict[str, Any]:
    contact = contact_by_id(contact_id)
    if contact is None:
        raise Http404
    return contact_as_data(contact, consents_of([contact_id]).get(contact_id, {}))


def _source(request: Request) -> str:
    """Who tells of consents, as their history says it."""
    if isinstance(request.auth, ApiKey):
        return f"API key “{request.auth.name}”"
    return name_of(request.user) if isinstance(request.user, User) else "API"
