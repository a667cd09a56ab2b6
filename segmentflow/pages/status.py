"""How the installation goes, for admins: what is wrong and what to do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow import __version__
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.operations import failures
from segmentflow.operations.behind import how_far
from segmentflow.operations.metrics.system import database_size, sessions
from segmentflow.operations.migrating import is_ahead, pending_migrations
from segmentflow.operations.recent import freshness_of_last_hour, slowest_segments
from segmentflow.operations.troubles import SILENT_SECONDS, Seen, all_troubles, is_low, size, spell
from segmentflow.pages.settings_tabs import SECTION
from segmentflow.pages.workspace import database_version
from segmentflow.sightings import Place, places
from segments.engine.status import status as engine_status

PAGE = "settings/status.html"
SEE = ("segmentflow.view_sighting",)
CHANGE = (*SEE, "django_q.delete_failure")


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def status(request: HtmxHttpRequest) -> HttpResponseBase:
    return render(request, page_or_part(request, PAGE, "now"), _context(now=current_time()))


@require_POST
@needs(*CHANGE)
def failure_again(request: HtmxHttpRequest, pk: str) -> HttpResponse:
    if failures.do_again(pk):
        messages.success(request, "The task was asked for once more.")
    else:
        messages.info(request, "That report is gone already.")
    return redirect("status")


@require_POST
@needs(*CHANGE)
def failure_dismiss(request: HtmxHttpRequest, pk: str) -> HttpResponse:
    failures.dismiss(pk)
    return redirect("status")


@require_POST
@needs(*CHANGE)
def failures_dismiss(request: HtmxHttpRequest) -> HttpResponse:
    number = failures.dismiss_all()
    messages.success(request, f"{number:,} {'report' if number == 1 else 'reports'} dismissed.")
    return redirect("status")


def _context(*, now: datetime) -> dict[str, Any]:
    seen = Seen(how_far(), places())
    engine = engine_status(now=now)
    return {
        "section": SECTION,
        "troubles": all_troubles(seen, now=now),
        "behind": seen.behind,
        "waiting": spell(max(seen.behind.live_age, seen.behind.bulk_age)),
        "late": spell(seen.behind.late),
        "task_age": spell(seen.behind.task_age),
        "engine": engine,
        "fresh": freshness_of_last_hour(now=now),
        "slowest": slowest_segments(now=now),
        "machines": [_machine(place) for place in seen.places],
        "failures": failures.last_failures(),
        "failure_count": failures.count_failures(),
        **_program(),
    }


def _machine(place: Place) -> dict[str, Any]:
    disk = place.disk
    return {
        "name": place.machine,
        "version": place.version,
        "seen_at": place.seen_at,
        "is_silent": place.silent_for > SILENT_SECONDS,
        "watches": place.watched_for is not None and place.watched_for <= SILENT_SECONDS,
        "processes": [
            {
                "name": process.name,
                "since": datetime.fromisoformat(process.since),
                "restarts": process.restarts,
                "state": process.state,
            }
            for process in place.processes
        ],
        "disk": disk,
        "used": disk.total - disk.free if disk else 0,
        "free": size(disk.free) if disk else "",
        "total": size(disk.total) if disk else "",
        "is_low": is_low(disk) if disk else False,
        "backup": place.backup,
        "backup_size": size(place.backup.size) if place.backup else "",
        "failed_backup_at": place.failed_backup_at,
    }


def _program() -> dict[str, Any]:
    return {
        "version": __version__,
        "database": database_version(),
        "database_size": size(database_size()),
        "sessions": sessions(),
        "pending": pending_migrations(),
        "is_ahead": is_ahead(),
    }
