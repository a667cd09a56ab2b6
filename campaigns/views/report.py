"""What came of a campaign that has started, in two parts that refresh by themselves.

The first has the numbers, the second what takes longer to count: over time, links, who got it last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from campaigns.again import WHILE as AGAIN_WHILE
from campaigns.channels.ways import ADAPTERS, way_of
from campaigns.delivery.lane import trouble_of
from campaigns.models import Campaign, Message
from campaigns.progress import Progress, progress_of
from campaigns.recipients import latest
from campaigns.report.kept import Kept
from campaigns.report.links import Links, links_of
from campaigns.report.timeline import HOURS, LAST_DAYS, By, timeline_of, usual
from campaigns.selectors import COUNTED
from campaigns.views.shown import SEE_MESSAGES
from segmentflow.clock import workspace_zone
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.tallies import developments

Status = Campaign.Status
RUNNING: Final = (Status.SENDING, Status.LIVE)
STOPPABLE: Final = (*RUNNING, Status.SCHEDULED)
PARTS: Final = ("now", "course")
"""The target of a request says which one is asked for."""
OFTEN, SELDOM = 2, 10
LATEST: Final = 8

progresses: Final[Kept[Progress]] = Kept()
links: Final[Kept[Links]] = Kept()
newest: Final[Kept[list[Message]]] = Kept()


def report_context(
    request: HtmxHttpRequest, campaign: Campaign, *, part: str, now: datetime
) -> dict[str, Any]:
    """`part`: one of PARTS, or empty for the page, which has all."""
    progress = progresses.get(
        campaign.pk,
        now=now,
        count=lambda: progress_of(campaign),
        size=lambda counted: counted.total,
    )
    context: dict[str, Any] = {
        "progress": progress,
        "may_list": request.user.has_perms(SEE_MESSAGES),
        "is_running": campaign.status in RUNNING,
        "is_entering": campaign.kind == Campaign.Kind.ENTERING,
        "can_stop": campaign.status in STOPPABLE,
        "can_send_again": campaign.status in AGAIN_WHILE,
        "seconds": OFTEN if _is_fresh(campaign, now) else SELDOM,
    }
    if part != "course":
        context |= _now(campaign, now)
    if part != "now":
        context |= _course(request, campaign, progress, now)
    if not part:
        context["way"] = _way(campaign)
    return context


def _is_fresh(campaign: Campaign, now: datetime) -> bool:
    """While it is sent, and for as long as most opens come in."""
    begun = campaign.started_at or now
    return campaign.status in RUNNING or now - begun < timedelta(hours=HOURS)


def _now(campaign: Campaign, now: datetime) -> dict[str, Any]:
    return {
        "trouble": trouble_of(campaign.channel) if campaign.status in RUNNING else None,
        "lately": _lately(campaign, now) if campaign.kind == Campaign.Kind.ENTERING else None,
    }


def _lately(campaign: Campaign, now: datetime) -> dict[str, int]:
    """What happened in the last days, by name."""
    zone = workspace_zone()
    first = now.astimezone(zone).date() - timedelta(days=LAST_DAYS - 1)
    found = developments(list(COUNTED), first=first, ref=campaign.pk, zone=zone)
    amounts = dict.fromkeys(COUNTED.values(), 0)
    for (subject, _), development in found.items():
        amounts[COUNTED[subject]] = sum(development.days.values())
    return amounts


def _course(
    request: HtmxHttpRequest, campaign: Campaign, progress: Progress, now: datetime
) -> dict[str, Any]:
    by: By = usual(campaign=campaign, now=now)
    match request.GET.get("by"):
        case "hour":
            by = "hour"
        case "day":
            by = "day"
    context: dict[str, Any] = {
        "timeline": timeline_of(campaign=campaign, by=by, now=now, zone=workspace_zone()),
        "links": links.get(
            campaign.pk, now=now, count=lambda: links_of(campaign), size=lambda _: progress.total
        ),
    }
    if campaign.kind == Campaign.Kind.ENTERING and request.user.has_perms(SEE_MESSAGES):
        context["latest"] = newest.get(
            campaign.pk,
            now=now,
            count=lambda: latest(campaign=campaign, limit=LATEST),
            size=lambda _: progress.total,
        )
    return context


def _way(campaign: Campaign) -> dict[str, Any] | None:
    """Who delivers, as it was at the start, and the throttle that holds now."""
    frozen = (campaign.frozen or {}).get("way")
    if not frozen:
        return None
    adapter = ADAPTERS.get((campaign.channel, frozen["adapter"]))
    label = adapter.label if adapter else frozen["adapter"]
    return {"label": label, "per_second": way_of(campaign.channel).per_second}
