"""For how long the log of who changed what is kept, and what would be forgotten."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from segmentflow.audit.keeping import forgotten_before, keep_entries_for, months_kept
from segmentflow.audit.models import AuditEntry
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.pages.retention_form import AuditForm
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, UNPROCESSABLE
from segmentflow.templatetags.ui import count

PAGE: Final = "settings/audit_retention.html"
CHANGE: Final = ("segmentflow.view_auditentry", "segmentflow.change_workspace")


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def audit_retention(request: HtmxHttpRequest) -> HttpResponse:
    """First what a choice would do (`?months=`), then, by POST, the choice itself."""
    given = request.POST if request.method == "POST" else request.GET
    is_asked, kept = "months" in given or request.method == "POST", months_kept()
    form = AuditForm(given) if is_asked else AuditForm(initial={"months": kept})
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["months"]
        keep_entries_for(months=months, now=current_time())
        messages.success(request, _said(months))
        return redirect("audit_log")
    is_sound = is_asked and form.is_valid()
    context = {
        "section": SECTION,
        "form": form,
        "kept": kept,
        "oldest": AuditEntry.objects.order_by("at").values_list("at", flat=True).first(),
        "preview": _preview(form.cleaned_data["months"]) if is_sound else None,
    }
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)


def _said(months: int | None) -> str:
    if months is None:
        return "The audit log is kept for ever."
    return f"The audit log is kept for {count(months, 'month')}."


def _preview(months: int | None) -> dict[str, Any]:
    before = forgotten_before(months=months, now=current_time())
    if before is None:
        return {"months": None}
    old = AuditEntry.objects.filter(at__lt=before)
    return {"months": months, "before": before, "entries": old.count()}
