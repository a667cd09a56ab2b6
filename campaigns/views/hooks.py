"""Where those who deliver messages tell what became of them. The secret in the address lets them in.

What is about a message nobody knows is answered like any other: a provider would only send it
again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailWebhookValidationFailure,
)
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.channels import twilio
from campaigns.channels.adapters import WayFacts
from campaigns.channels.hooks import address_of, is_hook_secret
from campaigns.channels.providers import BY_NAME
from campaigns.channels.reports import (
    Report,
    Unreadable,
    read_email,
    read_gateway,
    read_twilio,
)
from campaigns.channels.secrets import Unreadable as SecretsUnreadable
from campaigns.channels.ways import adapters_for, way_of
from campaigns.tracking.receipts import note
from contacts.models import Channel
from segmentflow.clock import current_time

LONGEST: Final = 1024 * 1024
NOT_FOUND: Final = "There is nothing here."
TOO_LONG: Final = "A report has at most a mebibyte."
NOT_UNDERSTOOD: Final = "This is no report that we understand."
NOT_SIGNED: Final = "This is not signed as it should be."
TEXT: Final = "text/plain; charset=utf-8"


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def email_hook(request: HttpRequest, provider: str, secret: str) -> HttpResponse:
    known = BY_NAME.get(provider)
    if known is None or not is_hook_secret(secret, Channel.EMAIL.value, provider):
        raise Http404(NOT_FOUND)
    if request.method == "HEAD":  # some look first whether anybody is there
        return HttpResponse()
    if _is_too_long(request):
        return _said(TOO_LONG, 413)
    try:
        reports = read_email(request, known, way_of(Channel.EMAIL.value))
    except (AnymailWebhookValidationFailure, AnymailConfigurationError, SecretsUnreadable):
        return _said(NOT_SIGNED, 403)
    except (Unreadable, AnymailError):
        return _said(NOT_UNDERSTOOD, 400)
    return _noted(Channel.EMAIL.value, reports)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def sms_hook(request: HttpRequest, secret: str) -> HttpResponse:
    channel = Channel.SMS.value
    names = [one.name for one in adapters_for(channel) if is_hook_secret(secret, channel, one.name)]
    if not names:
        raise Http404(NOT_FOUND)
    if _is_too_long(request):
        return _said(TOO_LONG, 413)
    if names == [twilio.NAME]:
        way = way_of(channel)
        if not _is_from_twilio(request, way):
            return _said(NOT_SIGNED, 403)
        return _noted(channel, read_twilio(request.POST.dict(), request.GET.dict()))
    try:
        return _noted(channel, read_gateway(request))
    except Unreadable:
        return _said(NOT_UNDERSTOOD, 400)


def _is_from_twilio(request: HttpRequest, way: WayFacts) -> bool:
    if way.adapter != twilio.NAME or not way.is_readable:
        return False
    query = request.META.get("QUERY_STRING", "")
    url = address_of(request)
    return twilio.is_signed(
        token=way.secrets.get("auth_token", ""),
        url=f"{url}?{query}" if query else url,
        parameters=dict(request.POST.lists()),
        signature=request.headers.get("X-Twilio-Signature", ""),
    )


def _noted(channel: str, reports: Iterable[Report]) -> HttpResponse:
    now = current_time()
    for report in reports:
        note(
            channel=channel,
            provider_id=report.provider_id,
            key=report.key,
            what=report.what,
            detail=report.detail,
            at=report.at,
            now=now,
        )
    return HttpResponse(content_type=TEXT)


def _is_too_long(request: HttpRequest) -> bool:
    try:
        return len(request.body) > LONGEST
    except RequestDataTooBig:
        return True


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type=TEXT)
