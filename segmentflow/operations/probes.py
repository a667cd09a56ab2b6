"""/healthz, /readyz and /metrics: answered before anything else, for whoever asks by whatever name.

Probes ask an address instead of a host name, and know nothing of HTTPS. So these are no addresses of
urls.py: nothing that comes after this layer is needed for them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from segmentflow.operations.metrics.page import metrics
from segmentflow.operations.patience import NoAnswer, Patient
from segmentflow.operations.troubles import Trouble, severe_troubles

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 3.0
DATABASE: Final = "database"

_troubles: Final = Patient(severe_troubles, seconds=PATIENCE_SECONDS)


class ProbesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = VIEWS.get(request.path_info)
        if view is None:
            return self._get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        answer = view(request)
        answer.headers["Cache-Control"] = "no-store"
        # Django would report each 503 as a fault of ours; access.py has a line for it.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Restart it when it does not."""
    return _answer(request, [])


def readyz(request: HttpRequest) -> HttpResponse:
    """Everything runs, or what does not."""
    return _answer(request, find_troubles(_troubles))


def find_troubles(patient: Patient[list[Trouble]]) -> list[Trouble]:
    try:
        return patient.ask()
    except NoAnswer:
        return [_of_database(f"does not answer within {PATIENCE_SECONDS:.0f} seconds")]
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("not ready: %s", problem)
        return [_of_database("cannot be reached")]


def _of_database(what: str) -> Trouble:
    advice = "Look at the lines of “database” in the log, or at the server that DATABASE_URL names."
    return Trouble(DATABASE, f"The database {what}.", advice)


def _answer(request: HttpRequest, troubles: Sequence[Trouble]) -> HttpResponse:
    """As JSON where that is asked for; what anybody may read names no customer and no address."""
    status = 503 if troubles else 200
    if wants_json(request):
        told = [{"code": one.code, "message": one.text} for one in troubles]
        body = {"status": "not ready" if troubles else "ok", "troubles": told}
        return JsonResponse(body, status=status)
    lines = [one.text for one in troubles] or ["ok"]
    return HttpResponse("\n".join(lines) + "\n", status=status, content_type="text/plain")


def wants_json(request: HttpRequest) -> bool:
    chosen = request.get_preferred_type(["text/plain", "application/json"])
    return chosen == "application/json"


VIEWS: Final[dict[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
