"""The list of webhooks."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from outbound.webhooks.models import Webhook
from segmentflow.htmx import HtmxHttpRequest, needs

SECTION = "settings"
LIST = "outbound/webhook_list.html"
SEE = ("outbound.view_webhook",)


@require_safe
@needs(*SEE)
def webhook_list(request: HtmxHttpRequest) -> HttpResponse:
    context = {"section": SECTION, "webhooks": Webhook.objects.all()}
    return render(request, LIST, context)
