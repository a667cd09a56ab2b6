"""`/v1/`: the addresses that the libraries of Segment and RudderStack send to."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from contacts.viewing import MOST_ROWS
from events.tracking.pages import MOST_MESSAGES
from events.tracking.receiving import receive
from events.tracking.requests import answered
from events.tracking.senders import Sender
from segmentflow.api.problems import ApiProblem
from segmentflow.clock import current_time

BATCHES = ("batch", "import")


@csrf_exempt
def tracked(request: HttpRequest, call: str) -> HttpResponse:
    return answered(request, partial(_receive, call))


def _receive(call: str, body: dict[str, Any], sender: Sender) -> None:
    now = current_time()
    if call in BATCHES:
        sent = _batch(body, MOST_MESSAGES if sender.website else MOST_ROWS)
        sender.charge_events(len(sent), now=now)
        receive(sent, around=body, now=now, website=sender.website)
    else:
        sender.charge_events(1, now=now)
        receive([body], kind=call, around={}, now=now, website=sender.website)


def _batch(body: dict[str, Any], most: int) -> list[object]:
    sent = body.get("batch")
    if not isinstance(sent, list):
        raise ApiProblem(400, "The request is not valid", "“batch” is a list of messages.")
    if len(sent) > most:
        said = f"One request takes at most {most:,} messages, and this one has {len(sent):,}."
        raise ApiProblem(400, "The request is not valid", said)
    return sent
