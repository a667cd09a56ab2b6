"""Each line of the matrix for everybody: done for those who may, refused to all others, and nothing changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

from tests.site.conftest import Standing
from tests.site.matrix import (
    ANONYMOUS,
    KEYS,
    LINES,
    MODELS,
    NO_ROLE,
    PEOPLE,
    SUPERUSER,
    Line,
)
from tests.site.routes import METHODS, all_routes, methods_of, route_of

pytestmark = pytest.mark.django_db

ANSWERED = (200, 201, 202, 204, 301, 302, 400, 409, 422)
TRIED = [(line, method) for line in LINES for method, _ in line.methods()]
"""Each line and method; it is tried for everybody."""
DOOR, ADMIN_DOOR = "/sign-in", "/admin/login/"
NOT_COMPARED = ("segmentflow_session", "django_admin_log", "segmentflow_keyuse")
CHANGED_BY_LOOKING = ["last_used_at", "last_login"]


def send(standing: Standing, who: str, method: str, line: Line) -> Any:
    client, address = standing.client(who), standing.address(line.address)
    if method == "GET":
        return client.get(address)
    if method == "POST" and not is_api(line):
        return client.post(address, line.sends or {})
    return client.generic(
        method, address, json.dumps(line.sends or {}), content_type="application/json"
    )


def is_api(line: Line) -> bool:
    return line.address.startswith(("/api/", "/v1/"))


def comers(line: Line) -> tuple[str, ...]:
    return (*PEOPLE, *KEYS) if is_api(line) else PEOPLE


def is_refused(response: HttpResponse) -> bool:
    to = response.headers.get("Location", "")
    return response.status_code in (401, 403) or to.startswith(
        (f"{DOOR}?next=", f"{ADMIN_DOOR}?next=")
    )


def is_refused_rightly(response: HttpResponse, line: Line, who: str) -> bool:
    """Whoever has not signed in is asked to and comes back; all others read that it is not for them."""
    if is_api(line):
        has_staff_session = who not in (ANONYMOUS, NO_ROLE) and not line.address.startswith("/v1/")
        return response.status_code == (403 if who in KEYS or has_staff_session else 401)
    is_in_administration = line.address.startswith("/admin/") and line.address != ADMIN_DOOR
    if who == ANONYMOUS or (is_in_administration and who == NO_ROLE):
        door = ADMIN_DOOR if is_in_administration else DOOR
        return response.headers.get("Location", "").startswith(f"{door}?next=")
    return response.status_code == 403


def fingerprint(but: Sequence[str] = CHANGED_BY_LOOKING) -> dict[str, str]:
    """Of the rows of each table, but for some columns."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {*NOT_COMPARED}
        cursor.execute(
            " UNION ALL ".join(
                f"""
                SELECT '{table}', md5(string_agg(row, '' ORDER BY row))
                FROM (SELECT (to_jsonb(t) - %s::text[])::text AS row FROM {table} t) AS rows
                """
                for table in sorted(tables)
            ),
            [list(but)] * len(tables),
        )
        return dict(cursor.fetchall())


@pytest.fixture(scope="module")
def untouched(standing):
    return fingerprint()


def test_every_address_and_method_has_a_line():
    """Whoever adds one decides there who may use it."""
    lines: dict[str, set[str]] = {}
    any_object = defaultdict[str, int](lambda: 1)
    for line in LINES:
        route = route_of(line.address.format_map(any_object))
        lines.setdefault(route, set()).update(method for method, _ in line.methods())
    missing = [
        f"{' and '.join(sorted(wanted)) or 'anything'}: /{route}"
        for route, view in all_routes().items()
        for wanted in [methods_of(route, view) - lines.get(route, set())]
        if wanted or route not in lines
    ]

    assert not missing, "add to tests/site/matrix.py who may do " + "; ".join(missing)


@pytest.mark.parametrize(("line", "method"), TRIED, ids=lambda part: getattr(part, "address", part))
def test_it_is_done_for_those_who_may_and_refused_to_all_others(standing, untouched, line, method):
    who_may = dict(line.methods())[method]
    for who in comers(line):
        with transaction.atomic():
            response = send(standing, who, method, line)
            transaction.set_rollback(who in who_may)
        told = (who, response.status_code, response.headers.get("Location"))
        if who in who_may:
            answered = (404,) if line.misses else ANSWERED
            assert response.status_code in answered, told
            assert not is_refused(response), told
        else:
            assert is_refused_rightly(response, line, who), told
    if method != "GET":
        assert fingerprint() == untouched


def test_a_view_that_does_not_say_its_methods_answers_those_of_its_line_alone(standing):
    named: dict[str, set[str]] = {}
    for line in LINES:
        methods = {method for method, _ in line.methods()}
        named.setdefault(route_of(standing.address(line.address)), set()).update(methods)
    views = all_routes()
    for line in LINES:
        route = route_of(standing.address(line.address))
        # Django's own pages take any other for a look.
        known = {"GET", "POST"} if route.startswith("admin/") else {*METHODS}
        for method in () if methods_of(route, views[route]) else known - named[route]:
            response = send(standing, SUPERUSER, method, line)
            assert response.status_code == 405, (line.address, method, response.status_code)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_actions_of_a_list_are_for_those_who_may_change_its_rows(standing, untouched, model):
    """Django answers those who may not with the list."""
    row = str(standing.things[model.row])

    for who in PEOPLE:
        for action in () if who in model.delete else ("delete_selected", "resubmit_task", "revoke"):
            sent = {"action": action, "_selected_action": row, "post": "yes", "index": "0"}
            standing.client(who).post(model.list, sent)

    assert fingerprint() == untouched
