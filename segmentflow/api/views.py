"""The base of every view of the API."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from segmentflow.api.auth import HasScope, KeyAuthentication, Program, StaffSession
from segmentflow.api.bodies import JsonParser
from segmentflow.api.limits import Charge, charge_events, charge_request, headers_of
from segmentflow.api.problems import CONTENT_TYPE, ApiProblem
from segmentflow.api.rendering import JsonRenderer
from segmentflow.clock import current_time
from segmentflow.models import ApiKey

Scope = ApiKey.Scope
ANY_SCOPE = frozenset(Scope.values)
READS = ("GET", "HEAD", "OPTIONS")


class ApiView(APIView):
    """Reads need the scope `read`, everything else `write`; `scopes` says otherwise."""

    authentication_classes = [KeyAuthentication, StaffSession]
    permission_classes = [HasScope]
    parser_classes = [JsonParser]
    renderer_classes = [JsonRenderer]
    scopes: ClassVar[dict[str, frozenset[str]]] = {}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.charges: list[Charge] = []
        """What this request took of the limits of its key."""

    def scopes_for(self, method: str) -> frozenset[str]:
        """The scopes of which a key needs one."""
        if method in self.scopes:
            return self.scopes[method]
        return frozenset({Scope.READ if method in READS else Scope.WRITE})

    def perform_authentication(self, request: Request) -> None:
        """Whoever has a key may send so much, also of what is refused."""
        super().perform_authentication(request)
        if isinstance(request.user, Program):
            self.charges += charge_request(request.user.key, now=current_time())

    def charge_events(self, request: Request, number: int) -> None:
        """Before so many events or contacts are stored; raises ApiProblem (429)."""
        if isinstance(request.user, Program):
            self.charges += charge_events(request.user.key, number, now=current_time())

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Without a length, WSGI takes the body for empty, and nobody would know.
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            raise ApiProblem(411, "Length required", "Send the body with a Content-Length.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(answer, Response) and answer.status_code >= 400:
            answer.content_type = CONTENT_TYPE
        if "RateLimit" not in answer:
            for name, value in headers_of(self.charges).items():
                answer[name] = value
        return answer
