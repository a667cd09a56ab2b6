"""All campaigns: searched, narrowed, sorted, refreshed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns import selectors
from campaigns.models import Campaign
from campaigns.views.shown import SECTION, SEE, searched
from contacts.models import Channel
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part

PAGE = "campaigns/campaign_list.html"
CAMPAIGNS_A_PAGE = 50


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def campaign_list(request: HtmxHttpRequest) -> HttpResponse:
    search, status, channel, sort = searched(request), *_narrowed(request)
    ids = selectors.ids_in_order(search=search, status=status, channel=channel, sort=sort)
    page = Paginator(ids, CAMPAIGNS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": selectors.rows(page),
        "q": search,
        "status": status,
        "statuses": Campaign.Status.choices,
        "channel": channel,
        "channels": Channel.choices,
        "sort": sort,
        "is_narrowed": bool(search or status or channel),
    }
    return render(request, page_or_part(request, PAGE, "campaigns"), context)


def _narrowed(request: HtmxHttpRequest) -> tuple[str, str, str]:
    status, channel, sort = (request.GET.get(name, "") for name in ("status", "channel", "sort"))
    return (
        status if status in Campaign.Status.values else "",
        channel if channel in Channel.values else "",
        sort if sort in selectors.SORTS else selectors.USUAL_SORT,
    )
