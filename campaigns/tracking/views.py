"""What the links of messages lead to: for recipients, who have no account and need no cookies.

The token of an address is all the authority there is, so forms need no other proof: a request
from another site would have to know it. What only looks at a page changes nothing; gateways
follow every link.
"""

from __future__ import annotations

import base64
import logging
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.keys import MessageKey
from campaigns.tracking.events import Reaction, record_reaction
from campaigns.tracking.scanners import is_machine
from campaigns.tracking.tokens import Kind, Signed, read
from campaigns.tracking.unsubscribing import Choice, Recipient, choose, recipient_of, unsubscribe
from contacts.models import Channel
from segmentflow.clock import current_time

PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent point."""
HEADERS: Final = {"Cache-Control": "no-store, max-age=0", "X-Robots-Tag": "noindex, nofollow"}
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What mail programs post (RFC 8058)."""
NOUNS: Final = {
    Channel.EMAIL: "emails",
    Channel.SMS: "text messages",
    Channel.PUSH: "push messages",
}

logger = logging.getLogger(__name__)


@require_safe
def message_pixel(request: HttpRequest, token: str) -> HttpResponse:
    signed = read(Kind.OPEN, token)
    if signed is None:
        return unknown()
    record(request, signed, Reaction.OPEN)
    return HttpResponse(PIXEL, content_type="image/gif", headers=HEADERS)


@require_safe
def message_click(request: HttpRequest, token: str) -> HttpResponse:
    """To the address that the message had, and to no other: it is part of what is signed."""
    url = request.GET.get("u", "")
    signed = read(Kind.CLICK, token, url)
    if signed is None:
        return unknown()
    record(request, signed, Reaction.CLICK, url)
    return to_destination(url)


def to_destination(url: str) -> HttpResponse:
    """Longer than Django's own redirects allow, too; what it says was ours to send."""
    return HttpResponse(status=302, headers={**HEADERS, "Location": iri_to_uri(url)})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def message_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks, and does it when the button was pressed."""
    signed = read(Kind.UNSUBSCRIBE, token)
    if signed is None:
        return unknown()
    is_done = request.method == "POST"
    if is_done and signed.key:
        unsubscribe(key=signed.key, now=current_time())
    recipient = _recipient(signed)
    context = _context(token, signed, recipient)
    if recipient is not None:
        context["is_subscribed"] = recipient.is_subscribed and not is_done
    return _page("unsubscribe", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def message_one_click(request: HttpRequest, token: str) -> HttpResponse:
    """For mail programs; who opens the address in a browser gets the page."""
    if request.method != "POST":
        return message_unsubscribe(request, token)
    signed = read(Kind.UNSUBSCRIBE, token)
    if signed is None:
        return unknown()
    name, value = ONE_CLICK
    if request.POST.get(name, "") != value:
        return _said(f"To unsubscribe, post {name}={value}.", status=400)
    if signed.key:
        unsubscribe(key=signed.key, now=current_time())
    return _said("You are unsubscribed.")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def message_choices(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody wants to receive, channel by channel."""
    signed = read(Kind.UNSUBSCRIBE, token)
    if signed is None:
        return unknown()
    context: dict[str, Any] = {}
    if request.method == "POST":
        chosen = request.POST.getlist("wanted")
        shown = [one for one in Channel if one.value in request.POST.getlist("shown")]
        if signed.key:
            choices = {one: one.value in chosen for one in shown}
            choose(key=signed.key, choices=choices, now=current_time())
        context["is_saved"] = True
    return _page("choices", context | _context(token, signed, _recipient(signed)))


def record(request: HttpRequest, signed: Signed, kind: Reaction, url: str = "") -> None:
    """Whatever happens to the database, people get where they want to go."""
    if signed.key is None:
        return
    is_counted = not is_machine(method=request.method or "", headers=request.headers)
    try:
        record_reaction(
            key=signed.key, kind=kind, url=url, now=current_time(), is_counted=is_counted
        )
    except (OperationalError, InterfaceError) as problem:
        logger.warning("a reaction to a message could not be stored: %s", problem)
        connections.close_all()


def _recipient(signed: Signed) -> Recipient | None:
    """Of a test, somebody who is subscribed to emails."""
    if signed.key is not None:
        return recipient_of(signed.key)
    choice = Choice(Channel.EMAIL, subscribed=True, address="")
    return Recipient(MessageKey(0, 0, 0), (Channel.EMAIL,), (choice,))


def _context(token: str, signed: Signed, recipient: Recipient | None) -> dict[str, Any]:
    context: dict[str, Any] = {"token": token, "is_test": signed.key is None}
    if recipient is None:
        return context
    channel = recipient.channels[0] if len(recipient.channels) == 1 else None
    addresses = {one.channel: one.address for one in recipient.choices}
    return context | {
        "recipient": recipient,
        "noun": NOUNS[channel] if channel else "messages",
        "address": addresses.get(channel, "") if channel else "",
        "choices": [{"about": one, "noun": NOUNS[one.channel]} for one in recipient.choices],
    }


def _page(name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Without the request, so that nothing looks for a session."""
    html = render_to_string(f"campaigns/recipient/{name}.html", context)
    return HttpResponse(html, status=status, headers=HEADERS)


def unknown() -> HttpResponse:
    """Whatever is wrong with it: nobody learns how far a guess came."""
    return _page("unknown", {}, status=404)


def _said(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{text}\n", status=status, content_type="text/plain; charset=utf-8", headers=HEADERS
    )
