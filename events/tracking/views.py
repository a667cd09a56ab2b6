"""`/v1/`: the addresses that the libraries of Segment and RudderStack send to."""

from __future__ import annotations

import base64
import binascii
from typing import IO, Any, cast

from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from contacts.problems import Conflict, Refused
from contacts.viewing import MOST_ROWS
from events.tracking.mending import decode_mended
from events.tracking.receiving import receive
from segmentflow.api.bodies import read_body
from segmentflow.api.keys import find_key, note_use
from segmentflow.api.problems import ApiProblem
from segmentflow.clock import current_time
from segmentflow.models import ApiKey

BATCHES = ("batch", "import")


@csrf_exempt
def tracked(request: HttpRequest, call: str) -> JsonResponse:
    """Answers 200 when what was sent is stored; what is refused would be so again."""
    try:
        _receive(request, call)
    except ApiProblem as problem:
        return _failed(problem.status, problem.title, problem.detail)
    except Refused as refused:
        return _failed(400, "The request is not valid", str(refused)[:1_000])
    except Conflict as conflict:
        return _failed(503, "Too much at once", str(conflict))
    except UnreadablePostError:
        return _failed(400, "The body ended too early", "It could not be read to its end.")
    return JsonResponse({"success": True})


def _failed(status: int, title: str, detail: str) -> JsonResponse:
    """As these libraries read it."""
    answer = JsonResponse({"success": False, "code": title, "message": detail}, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="SegmentFlow"'
    return answer


def _receive(request: HttpRequest, call: str) -> None:
    if request.method != "POST":
        raise ApiProblem(405, "Method not allowed", "Send it with POST.")
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise ApiProblem(411, "Length required", "Send the body with a Content-Length.")
    key = _key_of_header(request)
    if key:
        _admit(key)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    body = decode_mended(read_body(cast(IO[bytes], request), encoding))
    if not isinstance(body, dict):
        raise ApiProblem(400, "The request is not valid", "The body is an object.")
    if not key:
        _admit(body.get("writeKey"))
    now = current_time()
    if call in BATCHES:
        receive(_batch(body), around=body, now=now)
    else:
        receive([body], kind=call, around={}, now=now)


def _batch(body: dict[str, Any]) -> list[object]:
    sent = body.get("batch")
    if not isinstance(sent, list):
        raise ApiProblem(400, "The request is not valid", "“batch” is a list of messages.")
    if len(sent) > MOST_ROWS:
        said = f"One request takes at most {MOST_ROWS:,} messages, and this one has {len(sent):,}."
        raise ApiProblem(400, "The request is not valid", said)
    return sent


def _key_of_header(request: HttpRequest) -> str:
    """The key of a bearer, or the user name of basic authentication; empty without either."""
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return sent.strip() or "-"
    if kind.lower() != "basic":
        return ""
    try:
        name, _, _ = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "-"
    return name or "-"


def _admit(sent: object) -> None:
    key = find_key(sent) if isinstance(sent, str) else None
    if key is None:
        said = "Send a key that an admin has made as the user name, or as writeKey."
        raise ApiProblem(401, "No such key", said)
    if ApiKey.Scope.INGEST not in key.scopes:
        raise ApiProblem(403, "Not allowed", "This key has no scope “ingest”.")
    note_use(key, now=current_time())
