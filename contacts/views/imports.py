"""Contacts from files: upload, columns, dry run, run, refused rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.built_in import LABELS
from contacts.files.encodings import ENCODINGS
from contacts.files.separators import SEPARATORS
from contacts.imports.preview import columns_of, shown_rows, targets
from contacts.imports.services import (
    cancel_import,
    map_columns,
    receive_import,
    reread_import,
    run_import,
    try_import,
)
from contacts.imports.storing import Received, ToFolder, refused_of
from contacts.models import ContactImport
from contacts.problems import Conflict, Problem, Refused
from contacts.rows import IDENTITIES
from contacts.views.asked import SECTION, UNPROCESSABLE
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import User

LIST: Final = "contacts/import_list.html"
DETAIL: Final = "contacts/import_detail.html"
RIGHTS: Final = ("contacts.view_contact", "contacts.add_contact", "contacts.change_contact")
A_PAGE: Final = 25
FORM_BYTES: Final = 1_000_000
"""What a form around a file may have besides it."""
TOO_LARGE: Final = 413

State = ContactImport.State
ACTIVE: Final = (State.READING, State.TRYING, State.RUNNING)


@csrf_exempt  # until the file has its place: `_import_list` is protected
@require_http_methods(["GET", "HEAD", "POST"])
@needs(*RIGHTS)
def import_list(request: HtmxHttpRequest) -> HttpResponseBase:
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_IMPORT_BYTES + FORM_BYTES:
        return _list(request, _too_large(), status=TOO_LARGE)
    request.upload_handlers = [ToFolder(request)]
    return _import_list(request)


@csrf_protect
def _import_list(request: HtmxHttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _list(request)
    received: Any = request.FILES.get("file")
    [handler] = request.upload_handlers
    if isinstance(handler, ToFolder) and handler.is_too_large:
        return _list(request, _too_large(), status=TOO_LARGE)
    if isinstance(handler, ToFolder) and handler.trouble is not None:
        raise handler.trouble
    if not isinstance(received, Received):
        return _list(request, "Choose a file.", status=UNPROCESSABLE)
    author = request.user if isinstance(request.user, User) else None
    try:
        one = receive_import(received=received, author=author, now=current_time())
    except Refused as refused:
        return _list(request, str(refused), status=UNPROCESSABLE)
    return redirect("import_detail", one.pk)


def _too_large() -> str:
    return f"A file has at most {settings.MAX_IMPORT_BYTES // 1024 // 1024:,} MB."


def _list(request: HtmxHttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    imports = ContactImport.objects.select_related("author")
    context = {
        "section": SECTION,
        "page": Paginator(imports, A_PAGE).get_page(request.GET.get("page")),
        "error": error,
        "largest": settings.MAX_IMPORT_BYTES,
        "too_large": _too_large(),
        "active": ACTIVE,
    }
    return render(request, LIST, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*RIGHTS)
def import_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(ContactImport, pk=pk)
    if request.method != "POST":
        return _detail(request, one)
    try:
        _do(request, one)
    except Refused as refused:
        return _detail(request, one, refused.problems, status=UNPROCESSABLE)
    except Conflict as conflict:
        messages.error(request, str(conflict))
    return redirect("import_detail", pk)


def _do(request: HtmxHttpRequest, one: ContactImport) -> None:
    """What the pressed button says; anything else only keeps what was chosen."""
    now, action = current_time(), request.POST.get("action", "")
    if action == "read":
        _read_again(request, one)
        return
    mapping = [
        {**entry, **_chosen(request, place, entry)} for place, entry in enumerate(one.mapping)
    ]
    found_by = request.POST.get("found_by", one.found_by)
    map_columns(one=one, mapping=mapping, found_by=found_by)
    if action == "try":
        try_import(one=one, now=now)
    elif action == "run":
        run_import(one=one, now=now)


def _read_again(request: HtmxHttpRequest, one: ContactImport) -> None:
    encoding = request.POST.get("encoding", one.encoding)
    separator = request.POST.get("separator", one.separator)
    sheet = request.POST.get("sheet", one.sheet)
    reread_import(
        one=one,
        encoding=encoding if encoding in ENCODINGS else "",
        separator=separator if separator in SEPARATORS else "",
        sheet=sheet if sheet in one.sheets else "",
        now=current_time(),
    )


def _chosen(request: HtmxHttpRequest, place: int, entry: dict[str, str]) -> dict[str, str]:
    """One column's choices; a field that is to be made keeps the key that was found for it."""
    target = request.POST.get(f"target-{place}", entry["target"])[:200].replace("\0", "")
    style = request.POST.get(f"style-{place}", "" if target != entry["target"] else entry["style"])
    return {"target": target, "style": style[:20].replace("\0", "")}


def _detail(
    request: HtmxHttpRequest,
    one: ContactImport,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "section": SECTION,
        "one": one,
        "is_active": one.state in ACTIVE,
        "done": one.created + one.updated + one.refused,
        "problems": problems,
    }
    if one.state == State.READY:
        context |= _choices(one, problems)
    template = page_or_part(request, DETAIL, "import")
    return render(request, template, context, status=status)


def _choices(one: ContactImport, problems: Sequence[Problem]) -> dict[str, Any]:
    names, rows = ([], []) if problems else shown_rows(one)
    return {
        "columns": columns_of(one, problems),
        "targets": targets(),
        "identities": [(kind, LABELS[kind]) for kind in IDENTITIES],
        "encodings": ENCODINGS.items(),
        "separators": SEPARATORS.items(),
        "names": names,
        "rows": rows,
        "found_by_problems": [each.message for each in problems if each.path == "found_by"],
    }


@require_POST
@needs(*RIGHTS)
def import_cancel(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(ContactImport, pk=pk)
    try:
        cancel_import(one=one, now=current_time())
    except Conflict as conflict:
        messages.error(request, str(conflict))
    return redirect("import_detail", pk)


@require_safe
@needs(*RIGHTS)
def import_refused(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """The rows that were refused, with the reasons, as CSV."""
    one = get_object_or_404(ContactImport, pk=pk)
    try:
        file = refused_of(one).open("rb")
    except OSError as problem:
        raise Http404("There are no refused rows.") from problem
    said, now = "the rows that were refused", current_time()
    record(action="downloaded", kind="import", key=pk, name=one.name, said=said, now=now)
    return FileResponse(
        file, as_attachment=True, filename=f"refused-{pk}.csv", content_type="text/csv"
    )
