"""The API of exports: translates between HTTP and services; see docs/exports.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from outbound.asking import OutboundApiView
from outbound.exports import serializers, services
from outbound.exports.models import Export
from outbound.exports.selectors import Ran, exports_found, listed, runs_of
from outbound.exports.wanted import Wanted, secrets_of, wanted_of
from segmentflow.api.auth import Program
from segmentflow.api.paging import page_answer, page_of, text_param
from segmentflow.api.views import READS, Scope
from segmentflow.clock import current_time
from segments import asking
from segments.models import Segment


class ExportApiView(OutboundApiView):
    """What sends contacts elsewhere also reads them, so that a key needs both scopes for it."""

    rights: ClassVar = {
        "GET": "outbound.view_export",
        "POST": "outbound.add_export",
        "PATCH": "outbound.change_export",
        "DELETE": "outbound.delete_export",
    }

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        is_change = request.method not in (*READS, "DELETE")
        key = request.user.key if isinstance(request.user, Program) else None
        if is_change and key is not None and Scope.READ not in key.scopes:
            raise PermissionDenied("A key needs the scopes “read” and “write” for this.")


class ExportsView(ExportApiView):
    @extend_schema(
        operation_id="list_exports",
        parameters=[*asking.PAGING, asking.text("segment")],
        responses=serializers.ExportPage,
    )
    def get(self, request: Request) -> Response:
        """All exports by id, or those of a segment (its key)."""
        page = page_of(request)
        found = exports_found().filter(pk__gt=page.number).order_by("pk")
        if key := text_param(request, "segment"):
            found = found.filter(segment__key=key)
        return Response(
            page_answer(
                request,
                page,
                listed(found[: page.limit + 1]),
                as_data=serializers.export_as_data,
                cursor_of=lambda row: row.export.pk,
            )
        )

    @extend_schema(
        operation_id="create_export",
        request=serializers.NewExport,
        responses={201: serializers.NewExportAnswer},
    )
    def post(self, request: Request) -> Response:
        """Set up an export; it begins at its next time, or when a run is asked for."""
        given = asking.body(request, serializers.NewExport)
        segment = Segment.objects.filter(key=given.pop("segment")).first()
        if segment is None:
            raise asking.refused("segment", "There is no segment with this key.", "unknown")
        is_paused = given.pop("paused", False)
        with transaction.atomic():
            export = services.create_export(
                segment=segment,
                wanted=Wanted(**given),
                author=asking.author(request),
                now=current_time(),
            )
            if is_paused:
                services.pause_export(export=export, now=current_time())
        is_signed = export.place == Export.Place.URL and export.method == Export.Method.POST
        secret = secrets_of(export).get("secret", "") if is_signed else ""
        return Response({**_as_data(export.pk), "secret": secret}, status=201)


class ExportView(ExportApiView):
    @extend_schema(operation_id="get_export", responses=serializers.ExportAnswer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_as_data(pk))

    @extend_schema(
        operation_id="change_export",
        request=serializers.ExportChanges,
        responses=serializers.ExportAnswer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; `paused` stops it and lets it go on."""
        given = asking.body(request, serializers.ExportChanges)
        export, now = _export(pk), current_time()
        is_paused = given.pop("paused", None)
        with transaction.atomic():
            if given:
                wanted = replace(wanted_of(services.held(export)), **given)
                services.change_export(export=export, wanted=wanted, now=now)
            if is_paused is not None and is_paused != export.is_paused:
                turn = services.pause_export if is_paused else services.resume_export
                turn(export=export, now=now)
        return Response(_as_data(pk))

    @extend_schema(operation_id="delete_export", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """With the log of its runs; files in the folder stay."""
        services.delete_export(export=_export(pk))
        return Response(status=204)


class ExportRunView(ExportApiView):
    rights: ClassVar = {"POST": "outbound.change_export"}

    @extend_schema(operation_id="run_export", request=None, responses={202: serializers.RunAnswer})
    def post(self, request: Request, pk: int) -> Response:
        """Write a file at once; 409 while one is being written."""
        run = services.run_now(export=_export(pk), by=asking.author(request), now=current_time())
        return Response(serializers.run_as_data(Ran(run)), status=202)


class ExportRunsView(ExportApiView):
    @extend_schema(
        operation_id="list_export_runs",
        parameters=asking.PAGING,
        responses=serializers.RunPage,
    )
    def get(self, request: Request, pk: int) -> Response:
        """What was written, the newest first."""
        page = page_of(request)
        rows = runs_of(_export(pk), before=page.number or None, limit=page.limit + 1)
        return Response(
            page_answer(
                request,
                page,
                rows,
                as_data=serializers.run_as_data,
                cursor_of=lambda row: row.run.pk,
            )
        )


def _export(pk: int) -> Export:
    return get_object_or_404(Export, pk=pk)


def _as_data(pk: int) -> dict[str, Any]:
    return serializers.export_as_data(listed([get_object_or_404(exports_found(), pk=pk)])[0])
