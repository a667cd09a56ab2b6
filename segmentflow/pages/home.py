"""The first page: what changed, how fresh everything is, and how to begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.selectors import recent
from events.feed import events_in_last
from outbound.alerts.selectors import recent_headlines
from segmentflow.clock import current_time, workspace_zone
from segmentflow.demo.control import demo_state
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import TallySubject
from segmentflow.operations.troubles import severe_troubles
from segmentflow.pages.beginning import steps
from segmentflow.tallies import by_day, total
from segments.history import Day, size_changes
from segments.models import Segment
from segments.status import current_status

PAGE = "home.html"
DAYS = 7
VOLUME_DAYS = 30
RECENT_CAMPAIGNS = 5
MOST = 6


@dataclass(frozen=True, slots=True)
class Mover:
    """A segment that changed its size."""

    segment: Segment
    change: int
    sizes: list[int]

    @property
    def label(self) -> str:
        return f"{self.change:+,} in {DAYS} days"


@require_safe
@vary_on_headers("HX-Request")
@needs()
def home(request: HtmxHttpRequest) -> HttpResponse:
    context: dict[str, Any] = {"section": "home", "days": DAYS}
    if request.user.has_perm("segments.view_segment"):
        context |= {"movers": movers(size_changes(days=DAYS)), "status": _status()}
        context["alerts"] = recent_headlines(now=current_time())
        context["live_count"] = Segment.objects.filter(status=Segment.Status.LIVE).count()
    if request.user.has_perm("contacts.view_contact"):
        context["contacts_total"] = total(TallySubject.CONTACTS)
    if request.user.has_perm("events.view_event"):
        context |= _events()
    if request.user.has_perm("campaigns.view_campaign"):
        context["campaigns"] = recent(limit=RECENT_CAMPAIGNS)
    context |= {"steps": steps(user=request.user), "demo": demo_state()}
    return render(request, page_or_part(request, PAGE, "now"), context)


@require_safe
@needs("segments.view_segment")
def freshness(request: HtmxHttpRequest) -> HttpResponse:
    """The line below the navigation: is everything caught up; and above the page what is wrong."""
    context = {"status": _status(), "troubles": severe_troubles()}
    return render(request, "shared/_freshness.html", context)


def movers(changes: dict[int, list[Day]]) -> Sequence[Mover]:
    """Those that grew or shrank most, the greatest change first."""
    found = {
        pk: (days[-1].members - (days[0].members - days[0].entered + days[0].left), days)
        for pk, days in changes.items()
        if days
    }
    most = sorted(found, key=lambda pk: -abs(found[pk][0]))
    segments = Segment.objects.exclude(status=Segment.Status.ARCHIVED).in_bulk(most)
    return [
        Mover(segments[pk], found[pk][0], [day.members for day in found[pk][1]])
        for pk in most
        if pk in segments and found[pk][0]
    ][:MOST]


def _status() -> dict[str, Any]:
    return current_status(now=current_time())


def _events() -> dict[str, Any]:
    today = current_time().astimezone(workspace_zone()).date()
    first = today - timedelta(days=VOLUME_DAYS - 1)
    counted = by_day(TallySubject.EVENTS, first=first, last=today)
    days = [first + timedelta(days=offset) for offset in range(VOLUME_DAYS)]
    return {
        "events_last_minute": events_in_last(1),
        "volume": [(day, sum(counts.get(day, 0) for counts in counted.values())) for day in days],
    }
