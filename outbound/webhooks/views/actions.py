"""What one does with a webhook and its deliveries by a button."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.problems import Conflict
from outbound.webhooks import again, services
from outbound.webhooks.addressing import allowed_here
from outbound.webhooks.models import WebhookDelivery
from outbound.webhooks.posting import Poster
from outbound.webhooks.selectors import counts_of
from outbound.webhooks.views.shown import (
    CHANGE,
    GET_OR_POST,
    SECTION,
    SEE,
    unless_gone,
    webhook_of,
)
from outbound.webhooks.wakes import wake
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.templatetags.ui import count


@require_POST
@needs(*CHANGE)
@unless_gone
def webhook_pause(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook_of(pk)
    services.pause_webhook(pk=pk, now=current_time())
    messages.success(request, "Paused. Who moves meanwhile is told of when you resume.")
    return redirect("webhook_detail", pk)


@require_POST
@needs(*CHANGE)
@unless_gone
def webhook_resume(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook_of(pk)
    services.resume_webhook(pk=pk, now=current_time())
    wake()
    messages.success(request, "Resumed.")
    return redirect("webhook_detail", pk)


@require_POST
@needs(*CHANGE)
@unless_gone
def webhook_try(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook_of(pk)
    services.try_by_hand(pk=pk, now=current_time())
    wake()
    messages.info(request, "It is tried now.")
    return redirect("webhook_detail", pk)


@require_POST
@needs(*CHANGE)
@unless_gone
def webhook_test(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Waits for the answer, which comes within ten seconds or not at all."""
    webhook = webhook_of(pk)
    delivery = again.send_test(webhook=webhook, post=Poster(allowed_here()), now=current_time())
    if delivery.state == WebhookDelivery.State.DELIVERED:
        said = f"The test arrived: answered {delivery.status} in {delivery.milliseconds} ms."
        messages.success(request, said)
    else:
        messages.error(request, f"The test did not arrive. {delivery.error}")
    return redirect("webhook_detail", pk)


@require_http_methods(GET_OR_POST)
@needs(*SEE, "outbound.delete_webhook")
@unless_gone
def webhook_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook = webhook_of(pk)
    if request.method == "POST":
        services.delete_webhook(pk=pk)
        messages.success(request, f"“{webhook.name}” is deleted.")
        return redirect("webhook_list")
    waiting = counts_of([pk])[pk].waiting
    return confirm.ask(
        request,
        title=f"Delete the webhook “{webhook.name}”",
        detail="The receiver is told nothing more:",
        consequences=[
            f"{count(waiting, 'move')} that it was not told of yet will be lost."
            if waiting
            else "Nothing is waiting to be sent.",
            "The log of its deliveries goes, too.",
            "This cannot be undone. To stop it for a while, pause it.",
        ],
        button="Delete webhook",
        back=reverse("webhook_detail", args=[pk]),
        section=SECTION,
    )


@require_POST
@needs(*CHANGE)
@unless_gone
def deliveries_again(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """All that failed."""
    webhook_of(pk)
    number = again.send_again(webhook_id=pk, now=current_time())
    wake()
    said = f"{count(number, 'delivery', 'deliveries')} will be sent again."
    messages.success(request, said if number else "Nothing failed.")
    return redirect("webhook_detail", pk)


@require_POST
@needs(*CHANGE)
@unless_gone
def delivery_again(request: HtmxHttpRequest, pk: int, delivery: int) -> HttpResponse:
    get_object_or_404(WebhookDelivery, pk=delivery, webhook_id=pk)
    if again.send_again(webhook_id=pk, delivery_id=delivery, now=current_time()):
        wake()
        messages.success(request, "It will be sent again.")
    else:
        messages.info(request, "It waits to be sent already, or it was a test.")
    return redirect("webhook_delivery", pk, delivery)


@require_POST
@needs(*CHANGE)
@unless_gone
def delivery_aside(request: HtmxHttpRequest, pk: int, delivery: int) -> HttpResponse:
    get_object_or_404(WebhookDelivery, pk=delivery, webhook_id=pk)
    try:
        again.set_aside(webhook_id=pk, delivery_id=delivery, now=current_time())
    except Conflict as conflict:
        messages.info(request, str(conflict))
    else:
        wake()
        messages.success(request, "Set aside. The others go on.")
    return redirect("webhook_delivery", pk, delivery)
