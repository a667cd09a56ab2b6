"""What requests to the segments' API ask for, checked; and refusals as problems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from contacts.problems import Conflict, Refused
from segmentflow.api.paging import in_utc, text_param
from segmentflow.api.problems import ApiProblem, ErrorAt, conflict, invalid
from segmentflow.api.views import ApiView
from segmentflow.models import User
from segments.conditions.problems import InvalidDefinition

PAGING = [
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows in one answer."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="As in the `next` before."),
]

SEE = "segments.view_segment"
RIGHTS = {
    "POST": "segments.add_segment",
    "PATCH": "segments.change_segment",
    "DELETE": "segments.delete_segment",
}


class SegmentApiView(ApiView):
    """People need the rights of their role for what keys need scopes for."""

    rights: ClassVar[dict[str, str]] = {}
    """By method, where a view needs others than RIGHTS."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        right = (RIGHTS | self.rights).get(request.method or "", SEE)
        if isinstance(request.user, User) and not request.user.has_perm(right):
            raise PermissionDenied("Your role does not include this.")

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(as_problem(exc))


def as_problem(exc: Exception) -> Exception:
    """What a program is told of a refusal; anything else stays what it is."""
    match exc:
        case InvalidDefinition():
            return ApiProblem(400, "The definition is not valid", errors=_errors(exc.problems))
        case Refused():
            return invalid(*_errors(exc.problems))
        case Conflict():
            return conflict(str(exc))
        case _:
            return exc


def refused(path: str, message: str, code: str = "invalid") -> ApiProblem:
    return invalid(ErrorAt(path, code, message))


def text(name: str, *, enum: Sequence[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, enum=enum)


def moment(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATETIME)


def day(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATE)


def choice_asked_for(request: Request, name: str, choices: Collection[str]) -> str:
    value = text_param(request, name)
    if value and value not in choices:
        raise refused(name, f"“{name}” is one of {', '.join(choices)}.")
    return value


def moment_asked_for(request: Request, name: str) -> datetime | None:
    value = text_param(request, name)
    if not value:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        found = parse_datetime(value.replace(" ", "+"))
    except ValueError:
        found = None
    if found is not None and 1 < found.year < 9999:
        found = in_utc(found if timezone.is_aware(found) else timezone.make_aware(found))
        if found is not None:
            return found
    raise refused(name, f"“{name}” is a time such as 2026-11-20T10:00:00Z.")


def day_asked_for(request: Request, name: str) -> date | None:
    value = text_param(request, name)
    if not value:
        return None
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        raise refused(name, f"“{name}” is a day such as 2026-11-20.")
    return found


def days_asked_for(request: Request, *, today: date, usual: int, longest: int) -> tuple[date, date]:
    """`first` and `last`, also called `from` and `to`; the usual number of days until today."""
    last = day_asked_for(request, "last") or day_asked_for(request, "to") or today
    name = "from" if "from" in request.query_params else "first"
    first = day_asked_for(request, name) or last - timedelta(days=usual - 1)
    if not 0 <= (last - first).days < longest:
        said = f"“{name}” lies before the last day, and not more than {longest:,} days before."
        raise refused(name, said)
    return first, last


def body(request: Request, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """The body as the serializer wants it; keys that it does not know are errors too."""
    data = request.data
    if not isinstance(data, dict):
        raise refused("", "The body is a JSON object.", "wrong_type")
    serializer = shape(data=data)
    errors = [
        ErrorAt(key, "unknown_key", f"There is no “{key}” here.")
        for key in data
        if key not in serializer.fields
    ]
    if not serializer.is_valid():
        errors += _flat(serializer.errors)
    if errors:
        raise invalid(*errors)
    return dict(serializer.validated_data)


def rows(request: Request, name: str) -> object:
    """The list that is the body's only content."""
    data = request.data
    if not isinstance(data, dict) or set(data) != {name}:
        raise refused(name, f"The body is an object with “{name}” and nothing else.")
    return data[name]


def author(request: Request) -> User | None:
    """Nobody, when a program asks with its key."""
    return request.user if isinstance(request.user, User) else None


def _errors(problems: Any) -> list[ErrorAt]:
    return [ErrorAt(problem.path, problem.code, problem.message) for problem in problems]


def _flat(errors: Any, path: str = "") -> Iterator[ErrorAt]:
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        for error in errors:
            yield ErrorAt(path, str(getattr(error, "code", "invalid")), str(error))
