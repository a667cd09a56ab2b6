"""What the pages of webhooks share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from contacts.problems import Conflict
from outbound.webhooks.models import Webhook
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.models import User

SECTION: Final = "settings"
UNPROCESSABLE: Final = 422
GET_OR_POST: Final = ["GET", "HEAD", "POST"]
SEE: Final = ("outbound.view_webhook", "outbound.view_webhookdelivery")
CHANGE: Final = (*SEE, "outbound.change_webhook")


Rest = ParamSpec("Rest")
View = Callable[Concatenate[HtmxHttpRequest, Rest], HttpResponse]


def unless_gone(view: View[Rest]) -> View[Rest]:
    """Somebody may have deleted the webhook since its page was shown."""

    @wraps(view)
    def careful(
        request: HtmxHttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Conflict as conflict:
            messages.info(request, str(conflict))
            return redirect("webhook_list")

    return careful


def webhook_of(pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("created_by"), pk=pk)


def person(request: HtmxHttpRequest) -> User:
    """Who asks; `needs` let nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101 - says so to the type checker
    return request.user
