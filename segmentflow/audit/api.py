"""The log for programs that watch over it; see docs/audit.md."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from segmentflow.api.paging import in_utc, page_answer, page_of, text_param
from segmentflow.api.problems import ErrorAt, invalid
from segmentflow.api.rendering import as_text
from segmentflow.api.views import ApiView, Scope
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.selectors import Narrowing, entries_found
from segmentflow.audit.words import sentence
from segmentflow.clock import workspace_zone
from segmentflow.models import User

FILTERS: Final = ("who", "kind", "key", "action")


class AuditWho(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=AuditEntry.Actor.values)
    id = serializers.IntegerField(allow_null=True, help_text="Of the user or the key.")
    name = serializers.CharField(help_text="As it was then.")


class AuditLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    who = AuditWho()
    action = serializers.CharField()
    kind = serializers.CharField(help_text="Of what it is about, such as `segment`.")
    key = serializers.CharField(help_text="Of what it is about; empty when there is no single one.")
    name = serializers.CharField()
    in_words = serializers.CharField()
    changes = serializers.DictField(
        child=serializers.ListField(),
        help_text="By name: before and after. Of secrets only that they changed.",
    )
    address = serializers.CharField(help_text="Where the request came from.")
    request_id = serializers.CharField()


class AuditPage(serializers.Serializer[Any]):
    results = AuditLine(many=True)
    next = serializers.URLField(allow_null=True)


class AuditView(ApiView):
    scopes: ClassVar = {"GET": frozenset({Scope.AUDIT.value})}

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        may = "segmentflow.view_auditentry"
        if isinstance(request.user, User) and not request.user.has_perm(may):
            raise PermissionDenied("Your role does not include this.")

    @extend_schema(
        operation_id="list_audit_entries",
        parameters=[
            OpenApiParameter("limit", OpenApiTypes.INT, description="Rows, up to 1,000."),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="As in the `next` before."),
            OpenApiParameter("since", OpenApiTypes.DATETIME, description="From this time on."),
            *(OpenApiParameter(name, OpenApiTypes.STR) for name in FILTERS),
        ],
        responses=AuditPage,
    )
    def get(self, request: Request) -> Response:
        """Who changed what, oldest first. Whoever goes on later begins after the last `id`."""
        page = page_of(request)
        asked: dict[str, Any] = {name: text_param(request, name)[:200] for name in FILTERS}
        narrowing = Narrowing(**asked)
        found: QuerySet[AuditEntry] = entries_found(narrowing, zone=workspace_zone())
        if since := _since(request):
            found = found.filter(at__gte=since)
        rows = list(found.filter(pk__gt=page.number).order_by("pk")[: page.limit + 1])
        return Response(
            page_answer(request, page, rows, as_data=as_data, cursor_of=lambda row: row.pk)
        )


def as_data(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": as_text(entry.at),
        "who": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "action": entry.action,
        "kind": entry.kind,
        "key": entry.key,
        "name": entry.name,
        "in_words": sentence(entry),
        "changes": entry.changes,
        "address": entry.address,
        "request_id": entry.request_id,
    }


def _since(request: Request) -> datetime | None:
    text = text_param(request, "since")
    if not text:
        return None
    try:
        found = parse_datetime(text[:50])
    except ValueError:
        found = None
    found = in_utc(found) if found is not None and found.tzinfo is not None else None
    if found is None:
        said = "“since” is a time with an offset, such as 2026-11-20T10:00:00Z."
        raise invalid(ErrorAt("since", "invalid", said))
    return found
