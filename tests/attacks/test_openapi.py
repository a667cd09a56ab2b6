"""The API against its own description: whatever schemathesis thinks of is answered as it says, and never by a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import given
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from segmentflow.api.keys import create_key
from segmentflow.models import ApiKey
from tests.attacks.effort import tries
from tests.figures import count

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KEYS = {"fields": "Birthday", "event-types": "Purchase", "segments": "vips", "templates": "ours"}
USUAL = 2


@pytest.fixture(scope="module")
def secret(standing):
    return create_key(name="All", scopes=ApiKey.Scope.values)[1]


@pytest.fixture(scope="module")
def api(secret):
    """The program as a server calls it, but that the world's transaction stays open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def real_places(path: str, things: dict[str, Any]) -> dict[str, Any]:
    """Of an address' objects, some that there are."""
    parts = path.removeprefix("/api/v1/").split("/")
    places = {
        "contact_id": things["contact"],
        "delivery": things["delivery"],
        "id": things["webhook"] if parts[0] == "webhooks" else things.get(parts[0][:-1]),
        "key": KEYS.get(parts[0]),
        "number": 1,
        "other": 1,
    }
    return {name: value for name, value in places.items() if f"{{{name}}}" in path}


def strategies(operation: Any, things: dict[str, Any]) -> Iterator[Any]:
    """Valid and invalid inputs, about what is there and about anything."""
    real = real_places(operation.path, things)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield operation.as_strategy(generation_mode=mode, path_parameters=real or None)
    if real:
        yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE)


def problems_with(operation: Any, strategy: Any, secret: str) -> list[str]:
    found = []

    @tries(USUAL)
    @given(case=strategy)
    def ask(case: Case) -> None:
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        count("requests made from the API's description")
        case.validate_response(response, checks=CHECKS)

    try:
        ask()
    except FailureGroup as failures:
        found += [f"{operation.label}: {failure}" for failure in failures.exceptions]
    except Exception as failure:  # noqa: BLE001 - what it raises is what is to be told
        found.append(f"{operation.label}: {type(failure).__name__}: {failure}")
    return found


def test_every_operation_answers_as_it_is_described(standing, api, secret, settings):
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True  # so that a mistake is told with its place
    found = []
    for result in api.get_all_operations():
        operation = result.ok()
        count("operations of the API")
        for strategy in strategies(operation, standing.things):
            found += problems_with(operation, strategy, secret)

    assert not found, "\n\n".join(found)
