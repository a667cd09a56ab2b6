"""One webhook: how it stands, what it told, and one of its requests."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from outbound.webhooks.fields import choices
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.schedule import OPEN_AFTER
from outbound.webhooks.selectors import COUNTED, deliveries, described, moves_of
from outbound.webhooks.tidying import KEPT_FOR
from outbound.webhooks.views.shown import SECTION, SEE, webhook_of
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import keyset_page
from segments.views.shown import number_of

DETAIL: Final = "outbound/webhook_detail.html"
DELIVERY: Final = "outbound/webhook_delivery.html"
A_PAGE: Final = 30
MOVES_SHOWN: Final = 200
STATES: Final = {state.name.lower(): state for state in WebhookDelivery.State}


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def webhook_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The part with the log and how it stands refreshes itself."""
    webhook = webhook_of(pk)
    [row] = described([webhook])
    state = STATES.get(request.GET.get("state", ""))
    found = deliveries(webhook, state=state)

    def read(cursor: str | None, backwards: bool, limit: int) -> list[WebhookDelivery]:  # noqa: FBT001 - as keyset.Read says
        at = number_of(cursor)
        if backwards:
            return list(found.filter(pk__gt=at or 0).order_by("pk")[:limit])
        return list((found.filter(pk__lt=at) if at is not None else found)[:limit])

    context: dict[str, Any] = {
        "section": SECTION,
        "webhook": webhook,
        "row": row,
        "page": keyset_page(request.GET, read=read, cursor=lambda one: str(one.pk), size=A_PAGE),
        "state": request.GET.get("state", "") if state is not None else "",
        "states": [(name, one.label) for name, one in STATES.items()],
        "is_open": webhook.failures >= OPEN_AFTER,
        "most_counted": COUNTED,
        "days": KEPT_FOR.days,
        **_about(webhook),
    }
    return render(request, page_or_part(request, DETAIL, "log"), context)


def _about(webhook: Webhook) -> dict[str, Any]:
    labels = dict(choices())
    until = webhook.former_until
    return {
        "field_labels": [labels.get(name, name) for name in webhook.fields],
        "former_until": until if until and until > current_time() else None,
    }


@require_safe
@needs(*SEE, "contacts.view_contact")
def webhook_delivery(request: HtmxHttpRequest, pk: int, delivery: int) -> HttpResponse:
    found = get_object_or_404(
        WebhookDelivery.objects.select_related("webhook"), pk=delivery, webhook_id=pk
    )
    moves = moves_of(found, limit=MOVES_SHOWN + 1)
    context = {
        "section": SECTION,
        "webhook": found.webhook,
        "delivery": found,
        "moves": moves[:MOVES_SHOWN],
        "has_more": len(moves) > MOVES_SHOWN,
    }
    return render(request, DELIVERY, context)
