"""What the pages of webhooks share."""

from __future__ import annotations

from typing import Final

from django.shortcuts import get_object_or_404

from outbound.webhooks.models import Webhook
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.models import User

SECTION: Final = "settings"
UNPROCESSABLE: Final = 422
GET_OR_POST: Final = ["GET", "HEAD", "POST"]
SEE: Final = ("outbound.view_webhook", "outbound.view_webhookdelivery")
CHANGE: Final = (*SEE, "outbound.change_webhook")


def webhook_of(pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("created_by"), pk=pk)


def person(request: HtmxHttpRequest) -> User:
    """Who asks; `needs` let nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101 - says so to the type checker
    return request.user
