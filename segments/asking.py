"""What requests to the segments' API ask for, checked; refusals as problem+json."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from segmentflow.api.views import ApiView
from segmentflow.models import User
from segments.conditions.problems import InvalidDefinition, Problem, is_unstorable
from segments.services import Conflict, Refused

MOST = 1_000
USUAL = 100
LARGEST_ID = 2**63 - 1

PAGING = [
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows in one answer."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="As in the `next` before."),
]


class SegmentApiView(ApiView):
    """Says in problem+json why something about segments was refused."""

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case InvalidDefinition():
                return _refusal(400, "The definition is not valid", problems=exc.problems)
            case Refused():
                return _refusal(400, "The request is not valid", problems=exc.problems)
            case Conflict():
                return _refusal(409, "This does not go with what is stored", said=str(exc))
            case _:
                return super().handle_exception(exc)


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    cursor: str
    """Empty for the first page; otherwise where the one before ended."""

    @property
    def number_after(self) -> int:
        if not self.cursor:
            return 0
        if not self.cursor.isascii() or not self.cursor.isdecimal() or len(self.cursor) > 19:
            raise refused("cursor", "This cursor does not come from a “next” of this list.")
        return min(int(self.cursor), LARGEST_ID)


def refused(path: str, message: str, code: str = "invalid") -> Refused:
    return Refused(Problem(path, code, message))


def text(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR)


def moment(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATETIME)


def day(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATE)


def text_asked_for(request: Request, name: str) -> str:
    value: str = request.query_params.get(name, "")
    if any(map(is_unstorable, value)):
        raise refused(name, f"“{name}” holds a character that no text has.")
    return value


def choice_asked_for(request: Request, name: str, choices: Collection[str]) -> str:
    value = text_asked_for(request, name)
    if value and value not in choices:
        raise refused(name, f"“{name}” is one of {', '.join(choices)}.")
    return value


def moment_asked_for(request: Request, name: str) -> datetime | None:
    value = text_asked_for(request, name)
    if not value:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        found = parse_datetime(value.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None:
        raise refused(name, f"“{name}” is a time such as 2026-11-20T10:00:00Z.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def day_asked_for(request: Request, name: str) -> date | None:
    value = text_asked_for(request, name)
    if not value:
        return None
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        raise refused(name, f"“{name}” is a day such as 2026-11-20.")
    return found


def page_asked_for(request: Request, *, most: int = MOST) -> Page:
    limit = text_asked_for(request, "limit") or str(USUAL)
    if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit[:9]) <= most:
        raise refused("limit", f"“limit” is a whole number from 1 to {most:,}.")
    return Page(int(limit), text_asked_for(request, "cursor"))


def page_answer(
    request: Request, page: Page, rows: Sequence[Any], results: list[Any], *, by: str
) -> Response:
    """`rows` holds one more than the page when there is a next one."""
    following = None
    if len(rows) > page.limit:
        last = rows[page.limit - 1]
        cursor = last[by] if isinstance(last, dict) else getattr(last, by)
        query = urlencode({**request.query_params.dict(), "cursor": cursor})
        following = request.build_absolute_uri(f"{request.path}?{query}")
    return Response({"results": results, "next": following})


def body(request: Request, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """The body as the serializer wants it; keys that it does not know are problems too."""
    data = request.data
    if not isinstance(data, dict):
        raise refused("", "The body is a JSON object.", "wrong_type")
    serializer = shape(data=data)
    problems = [
        Problem(str(key), "unknown_key", f"There is no “{key}” here.")
        for key in data
        if key not in serializer.fields
    ]
    if not serializer.is_valid():
        problems += _flat(serializer.errors)
    if problems:
        raise Refused(*problems)
    return dict(serializer.validated_data)


def rows(request: Request, name: str) -> object:
    """The list that is the body's only content."""
    data = request.data
    if not isinstance(data, dict) or set(data) != {name}:
        raise refused(name, f"The body is an object with “{name}” and nothing else.")
    return data[name]


def author(request: Request) -> User | None:
    """Nobody, when a program's key asks."""
    return request.user if isinstance(request.user, User) else None


def _flat(errors: Any, path: str = "") -> Iterator[Problem]:
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        for error in errors:
            yield Problem(path, str(getattr(error, "code", "invalid")), str(error))


def _refusal(
    status: int, title: str, *, said: str = "", problems: Sequence[Problem] = ()
) -> Response:
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": said or " ".join(problem.message for problem in problems[:3]),
        "errors": [asdict(problem) for problem in problems],
    }
    return Response(content, status=status, content_type="application/problem+json")
