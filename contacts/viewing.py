"""The base of the views of contacts and events, and what their answers have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.problems import Conflict, Problem, Refused
from contacts.values import named
from segmentflow.api.problems import ErrorAt, conflict, invalid
from segmentflow.api.views import ApiView
from segmentflow.models import User

MOST_ROWS = 5_000
"""In one request."""

PAGING = [
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows in one answer, up to 1,000."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="As in the `next` before."),
]


class DataApiView(ApiView):
    """People need the rights of their role for what keys need scopes for."""

    model: ClassVar[str]
    """Whose rights, such as `contacts.contact`."""
    actions: ClassVar[dict[str, str]] = {"POST": "add", "PATCH": "change", "DELETE": "delete"}

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        app, model = self.model.split(".")
        right = f"{app}.{self.actions.get(request.method or '', 'view')}_{model}"
        if isinstance(request.user, User) and not request.user.has_perm(right):
            raise PermissionDenied("Your role does not include this.")

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case Refused():
                return super().handle_exception(invalid(*errors_at(exc.problems)))
            case Conflict():
                return super().handle_exception(conflict(str(exc)))
            case _:
                return super().handle_exception(exc)


def errors_at(problems: Sequence[Problem]) -> list[ErrorAt]:
    return [ErrorAt(problem.path, problem.code, problem.message) for problem in problems]


def sent_rows(raw: object, name: str) -> list[Any]:
    """The list that is all a batch consists of."""
    if not isinstance(raw, dict):
        raise Refused([Problem("", "wrong_type", f"The body is an object, not {named(raw)}.")])
    if unknown := [key for key in raw if key != name]:
        said = f"The body has “{name}” and nothing else."
        raise Refused([Problem(str(key)[:100], "unknown_key", said) for key in unknown[:100]])
    rows = raw.get(name)
    if not isinstance(rows, list):
        raise Refused([Problem(name, "wrong_type", f"“{name}” is a list, not {named(rows)}.")])
    if len(rows) > MOST_ROWS:
        said = f"One request takes at most {MOST_ROWS:,}, and this one has {len(rows):,}."
        raise Refused([Problem(name, "too_many", said)])
    return rows


def row_errors(errors: Mapping[int, Sequence[Problem]]) -> list[dict[str, Any]]:
    """As batches report them: `{"index": 3, "errors": [...]}`."""
    return [
        {"index": index, "errors": [asdict(problem) for problem in problems]}
        for index, problems in sorted(errors.items())
    ]


def rows_refused(errors: Mapping[int, Sequence[Problem]], name: str) -> Refused:
    """When nothing of a batch could be stored."""
    return Refused(
        problem.below(f"{name}[{index}]")
        for index, problems in sorted(errors.items())
        for problem in problems
    )
