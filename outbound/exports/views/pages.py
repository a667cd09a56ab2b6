"""Exports: all of them, those of a segment, and one with the log of its runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.files.writing import TYPES
from outbound.exports.auditing import note
from outbound.exports.models import Export, ExportRun
from outbound.exports.places import Unusable, inside
from outbound.exports.selectors import exports_found, listed, runs_of
from outbound.exports.snapshot import columns_known
from outbound.exports.wanted import Place, secrets_of
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.views.shown import SEE as SEE_SEGMENT
from segments.views.shown import number_of, searched, segment_context, segment_of

SEE = ("outbound.view_export",)
CHANGE = (*SEE, "outbound.change_export")
SEE_FILES = (*SEE, "segments.view_membership", "contacts.view_contact")
LIST = "outbound/export_list.html"
OF_SEGMENT = "outbound/segment_exports.html"
DETAIL = "outbound/export_detail.html"
A_PAGE = 50
RUNS_A_PAGE = 25


@require_safe
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def export_list(request: HtmxHttpRequest) -> HttpResponse:
    words = searched(request)
    page = Paginator(exports_found(words=words), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "settings",
        "page": page,
        "rows": listed(page.object_list),
        "q": words,
        "folder": settings.EXPORTS_DIR,
    }
    return render(request, page_or_part(request, LIST, "exports"), context)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_SEGMENT, *SEE)
def segment_exports(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    context = {
        **segment_context(segment),
        "rows": listed(exports_found(segment_id=segment.pk)),
        "zone": workspace_zone().key,
    }
    return render(request, page_or_part(request, OF_SEGMENT, "exports"), context)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_SEGMENT, *SEE)
def export_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    export = export_of(pk)
    runs = list(runs_of(export, before=number_of(request.GET.get("before")), limit=RUNS_A_PAGE + 1))
    labels = dict(columns_known())
    context: dict[str, Any] = {
        "section": "segments",
        "export": export,
        "row": listed([export])[0],
        "runs": runs[:RUNS_A_PAGE],
        "older": runs[RUNS_A_PAGE - 1].run.pk if len(runs) > RUNS_A_PAGE else None,
        "columns": [labels.get(name, name) for name in export.columns],
        "is_url": export.place == Place.URL,
        "folder": settings.EXPORTS_DIR,
        "zone": workspace_zone().key,
    }
    if request.user.has_perms(CHANGE):
        context["secrets"] = secrets_of(export)
    return render(request, page_or_part(request, DETAIL, "runs"), context)


@require_safe
@needs(*SEE_SEGMENT, *SEE_FILES)
def export_file(request: HtmxHttpRequest, pk: int, run: int) -> HttpResponseBase:
    """The file of a run, as it lies in the folder."""
    found = get_object_or_404(ExportRun.objects.exclude(file=""), pk=run, export=pk)
    try:
        path = inside(found.file)
        file = path.open("rb")
    except (OSError, Unusable):
        raise Http404("The file is there no longer.") from None
    note("downloaded", found.export, said=path.name, now=current_time())
    kind = "application/gzip" if path.suffix == ".gz" else TYPES.get(path.suffix[1:], "")
    return FileResponse(file, as_attachment=True, filename=path.name, content_type=kind)


def export_of(pk: int) -> Export:
    return get_object_or_404(Export.objects.select_related("segment", "created_by"), pk=pk)
