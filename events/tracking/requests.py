"""Requests below /v1/, from pages and from programs: who sends, what was sent, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError

from contacts.problems import Conflict, Refused
from events.tracking.cors import let_read, preflight
from events.tracking.mending import decode_mended
from events.tracking.pages import MOST_BYTES
from events.tracking.senders import Sender, admit, key_of_header
from segmentflow.api.bodies import read_body
from segmentflow.api.limits import headers_of
from segmentflow.api.problems import ApiProblem
from segmentflow.client_address import client_address
from segmentflow.clock import current_time

Receive = Callable[[dict[str, Any], Sender], None]
"""Stores a body of somebody who may send."""


def answered(request: HttpRequest, receive: Receive) -> HttpResponse:
    """200 when what was sent is stored; what is refused would be so again."""
    if request.method == "OPTIONS":
        return preflight(request)
    sender = Sender(request.headers.get("Origin", ""), address=client_address(request))
    answer = _answer(request, receive, sender)
    for name, value in headers_of(sender.charges).items():
        answer.headers.setdefault(name, value)
    if sender.may_read:
        let_read(answer, sender.origin)
    if sender.origin and "WWW-Authenticate" in answer:
        del answer["WWW-Authenticate"]  # a browser would ask the visitor for a password
    return answer


def _answer(request: HttpRequest, receive: Receive, sender: Sender) -> JsonResponse:
    try:
        receive(_admitted_body(request, sender), sender)
    except ApiProblem as problem:
        answer = _failed(problem.status, problem.title, problem.detail)
        for name, value in problem.headers.items():
            answer.headers.setdefault(name, value)
        return answer
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


def _admitted_body(request: HttpRequest, sender: Sender) -> dict[str, Any]:
    if request.method != "POST":
        raise ApiProblem(405, "Method not allowed", "Send it with POST.")
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise ApiProblem(411, "Length required", "Send the body with a Content-Length.")
    key = key_of_header(request)
    if key:
        admit(key, sender=sender, now=current_time())
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    text = read_body(cast(IO[bytes], request), encoding)
    body = decode_mended(text)
    if not isinstance(body, dict):
        raise ApiProblem(400, "The request is not valid", "The body is an object.")
    if not key:
        admit(body.get("writeKey"), sender=sender, now=current_time())
    if sender.website and len(text) > MOST_BYTES:
        said = f"A page sends at most {MOST_BYTES // 1024} KB at once."
        raise ApiProblem(413, "The body is too large", said)
    return body
