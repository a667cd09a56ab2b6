"""Webhooks made and changed; their secrets, each of which one page shows once."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contacts.problems import Conflict, Refused
from outbound.webhooks import services
from outbound.webhooks.form import WebhookForm, initial, initial_of_new
from outbound.webhooks.models import Webhook
from outbound.webhooks.views.shown import (
    CHANGE,
    GET_OR_POST,
    SECTION,
    SEE,
    UNPROCESSABLE,
    person,
    unless_gone,
    webhook_of,
)
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs

FORM: Final = "outbound/webhook_form.html"
SECRET: Final = "outbound/webhook_secret.html"  # noqa: S105 - a template


@require_http_methods(GET_OR_POST)
@never_cache
@needs(*SEE, "outbound.add_webhook")
def webhook_new(request: HtmxHttpRequest) -> HttpResponse:
    """The answer to the form is the only page that ever shows the secret."""
    data = request.POST if request.method == "POST" else None
    form = WebhookForm(data, initial=initial_of_new())
    if form.is_valid():
        try:
            webhook, secret = services.create_webhook(wanted=form.wanted, author=person(request))
        except Refused as refused:
            form.refuse(refused)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            return _secret_page(request, webhook, secret, is_new=True)
    return _form(request, form)


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def webhook_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook = webhook_of(pk)
    data = request.POST if request.method == "POST" else None
    form = WebhookForm(data, webhook=webhook, initial=initial(webhook))
    if form.is_valid():
        try:
            services.change_webhook(pk=pk, wanted=form.wanted)
        except Refused as refused:
            form.refuse(refused)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            messages.success(request, "Saved.")
            return redirect("webhook_detail", pk)
    return _form(request, form, webhook)


def _form(
    request: HtmxHttpRequest, form: WebhookForm, webhook: Webhook | None = None
) -> HttpResponse:
    context = {"section": SECTION, "form": form, "webhook": webhook}
    return render(request, FORM, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(GET_OR_POST)
@never_cache
@needs(*CHANGE)
@unless_gone
def webhook_secret(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    webhook = webhook_of(pk)
    if request.method == "POST":
        webhook, secret = services.renew_secret(pk=pk, now=current_time())
        return _secret_page(request, webhook, secret, is_new=False)
    return confirm.ask(
        request,
        title=f"Make another secret for “{webhook.name}”",
        detail="The new secret is shown once. Then:",
        consequences=[
            "Requests are signed with both secrets for 24 hours, so that the receiver can change over.",
            "After that, only the new one signs.",
            *(
                ["The one before the present one ends at once."]
                if webhook.former_until and webhook.former_until > current_time()
                else []
            ),
        ],
        button="Make another secret",
        back=reverse("webhook_detail", args=[pk]),
        section=SECTION,
    )


def _secret_page(
    request: HtmxHttpRequest, webhook: Webhook, secret: str, *, is_new: bool
) -> HttpResponse:
    context = {"section": SECTION, "webhook": webhook, "secret": secret, "is_new": is_new}
    return render(request, SECRET, context)
