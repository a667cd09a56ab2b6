"""Definitions as bytes, whatever they are: a tree, or a refusal with the place of what is wrong; never anything else.

Definitions as values are tried in segments/tests/test_parse_robustly.py.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from segmentflow.api.bodies import decode_json
from segmentflow.api.problems import ApiProblem
from segments.conditions.parse import InvalidDefinition, parse
from segments.tests.language import CATALOG, EVERYONE, definition, field, segment
from segments.tests.test_parse_robustly import VALID, read_on
from tests.attacks.effort import tried, tries
from tests.figures import count
from tests.site.matrix import SUPERUSER

pytestmark = pytest.mark.django_db

WHOLE = json.dumps(VALID).encode()
PIECES = [
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"null", b"true", b"-", b"1e999", b"NaN"),
    *(b"Infinity", b"-0.0", b"9" * 400, b"0.1" + b"0" * 400, b"\\u0000", b"\\ud800", b"\\udfff"),
    *(b"\xff", b"\xc3", b"\0", b"\xef\xbb\xbf", b'"kind":"group",', b'"children":[[[[', b"  \t\n"),
    *(b'{"kind":"group","match":"all","children":[' * 30, b'"value":' * 3, b"/*x*/", b"'"),
]


def read(body: bytes) -> None:
    """As a body of the API is read."""
    count("definitions as bytes")
    value, problem = tried(lambda: decode_json(body), ApiProblem)
    if isinstance(problem, ApiProblem):
        assert problem.status in (400, 413)
        assert problem.detail
        return
    tree, invalid = tried(lambda: parse(value, CATALOG), InvalidDefinition)
    if isinstance(invalid, InvalidDefinition):
        assert all(one.code and one.message for one in invalid.problems)
    read_on(tree)


@tries(150)
@given(st.data())
def test_spoiled_bytes_are_a_tree_or_refused(data):
    body = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        end = at + data.draw(st.sampled_from([0, 0, 1, 2, 10, 100]))
        body[at:end] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))

    read(bytes(body))


@tries(50)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_refused(body):
    read(body)


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = EVERYONE
    for _ in range(depth):
        tree = definition(tree)
    return tree


def deep(opening: str, closing: str, times: int) -> str:
    return f'{{"kind":"group","match":"all","children":{opening * times}{closing * times}}}'


GROUP = '[{"kind":"group","match":"all","children":'
TOO_MUCH = {
    "eleven groups": json.dumps(nested(11)),
    "two hundred groups": json.dumps(nested(90)),
    "lists": deep("[", "]", 100_000),
    "lists without end": deep("[", "", 1_000_000),
    "groups without end": deep(GROUP, "", 50_000),
    "groups": deep(GROUP, "}]", 20_000),
    "conditions": json.dumps(definition(*[EVERYONE] * 501)),
    "very many conditions": json.dumps(definition(*[EVERYONE] * 20_000)),
    "very many mistakes": json.dumps(definition(*[{"kind": "x"}] * 20_000)),
    "values": json.dumps(definition(field("email", "in", [str(n) for n in range(50_000)] + [1]))),
    "an empty value": json.dumps(definition(field("email", "in", [""] * 10))),
    "unknown members": json.dumps(definition({**EVERYONE, **{f"x{n}": n for n in range(50_000)}})),
    "a long name": json.dumps({**definition(EVERYONE), "name": "x" * 1_000_000}),
    "a long field": json.dumps(definition(field("x" * 1_000_000, "equals", "y"))),
    "a long operator": json.dumps(definition(field("email", "equal" * 100_000, "y"))),
    "a long pattern": json.dumps(definition(field("email", "matches", "(a+)+" * 100_000))),
    "a number": '{"kind":"group","match":"all","children":[{"kind":"random","salt":"x","percent":'
    + "9" * 500_000
    + "}]}",
    "an exponent": '{"kind":"group","match":"all","children":[{"kind":"random","salt":"x","percent":1e99999999}]}',
    "NaN": '{"kind":"group","match":"all","children":[{"kind":"random","salt":"x","percent":NaN}]}',
    "Infinity": '{"kind":"group","match":"all","children":[{"kind":"random","salt":"x","percent":-Infinity}]}',
    "half a character": '{"kind":"group","match":"all","children":[{"kind":"random","percent":1,"salt":"\\ud800"}]}',
    "NUL": '{"kind":"group","match":"all","children":[{"kind":"random","percent":1,"salt":"a\\u0000b"}]}',
    "a name twice": '{"kind":"group","match":"all","match":"some","children":[{"kind":"everyone"}]}',
    "itself": json.dumps(definition(segment("vips"))),
}
PATCH = "/api/v1/segments/vips"


@pytest.mark.parametrize("text", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_is_too_much_is_refused_everywhere_with_a_sentence(standing, text):
    client = standing.client("write")
    person = standing.client(SUPERUSER)
    body = f'{{"definition": {text}}}'
    wants = [
        (client.patch, PATCH, body),
        (client.post, "/api/v1/segments/preview", body),
        (client.post, "/api/v1/segments", f'{{"key": "n", "name": "N", "definition": {text}}}'),
    ]
    for send, address, sent in wants:
        if address != PATCH and '"vips"' in text:
            continue  # it is another's
        begun = time.monotonic()
        with transaction.atomic():
            answer = send(address, sent, content_type="application/json")
            is_said = answer.status_code in (400, 413) and answer.json()["detail"]
            transaction.set_rollback(True)
        assert is_said, (address, answer.status_code, answer.content[:500])
        assert time.monotonic() - begun < 5
        assert len(answer.content) < 1_000_000
        count("definitions that are too much")

    with transaction.atomic():
        typed = person.post("/segments/vips/builder/json", {"definition": text})
        transaction.set_rollback(True)
    assert typed.status_code in (400, 409, 413, 422)
    file = f'{{"segmentflow_template": 1, "name": "T", "definition": {text}}}'.encode()
    brought = person.post(
        "/segments/-import-template", {"file": SimpleUploadedFile("t.json", file)}
    )
    assert brought.status_code == 422
