"""Errors as programs read them: application/problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ErrorAt:
    """One thing that is wrong with what was sent."""

    path: str
    """Such as `events[3].type`; empty for the whole."""
    code: str
    message: str


class ApiProblem(Exception):
    """Answered as it says."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Sequence[ErrorAt] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.status = status
        self.title = title
        self.detail = detail or " ".join(error.message for error in errors[:3])
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def invalid(*errors: ErrorAt) -> ApiProblem:
    return ApiProblem(400, "The request is not valid", errors=errors)


def not_found(what: str) -> ApiProblem:
    return ApiProblem(404, "There is nothing here", what)


def conflict(detail: str) -> ApiProblem:
    return ApiProblem(409, "This does not go with what is stored", detail)


def as_data(problem: ApiProblem) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [asdict(error) for error in problem.errors],
    }


def answer_problem(exception: Exception, _context: Any) -> Response | None:
    """The framework's exception handler. None: our mistake, a 500 that is logged."""
    problem = _as_problem(exception)
    if problem is None:
        return None
    answer = Response(as_data(problem), status=problem.status, content_type=CONTENT_TYPE)
    for name, value in problem.headers.items():
        answer[name] = value
    if header := getattr(exception, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if isinstance(exception, exceptions.MethodNotAllowed):
        answer["Allow"] = ", ".join(_context["view"].allowed_methods)
    return answer


def _as_problem(exception: Exception) -> ApiProblem | None:
    match exception:
        case ApiProblem():
            return exception
        case Http404():
            return not_found("There is nothing at this address, or it has been deleted.")
        case PermissionDenied():
            return ApiProblem(403, "Not allowed", str(exception))
        case exceptions.ValidationError():
            return ApiProblem(400, "The request is not valid", str(exception.detail))
        case exceptions.APIException():
            title = HTTPStatus(exception.status_code).phrase
            return ApiProblem(exception.status_code, title, str(exception.detail))
    return None
