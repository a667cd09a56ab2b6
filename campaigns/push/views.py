"""Push messages on websites of customers: the script, the worker, and where they tell us."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from campaigns.push.receiving import receive_push
from campaigns.push.vapid import public_key
from events.tracking.requests import answered
from events.tracking.script import read_script, serve_script
from events.tracking.senders import Sender
from segmentflow.clock import current_time

SCRIPT: Final = Path(__file__).with_name("push.js")
WORKER: Final = Path(__file__).with_name("worker.js")


@csrf_exempt
def push_subscription(request: HttpRequest) -> HttpResponse:
    return answered(request, partial(_receive, request.headers.get("User-Agent", "")))


def _receive(user_agent: str, body: dict[str, Any], sender: Sender) -> None:
    receive_push(body, website=sender.website, user_agent=user_agent, now=current_time())


@require_safe
def push_script(request: HttpRequest) -> HttpResponseBase:
    """With the key of this installation in it."""
    key = public_key(now=current_time()).encode()
    return serve_script(request, read_script(SCRIPT).replace(b"PUBLIC_KEY", key))


@require_safe
def push_worker(request: HttpRequest) -> HttpResponseBase:
    return serve_script(request, read_script(WORKER))
