"""Texts that look like SQL in every place of a definition: they are data, found by themselves and by nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from contacts.fields import create_field
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.models import ApiKey
from segments import services
from segments.conditions.nodes import FieldType
from segments.conditions.operators import OPERATORS, Takes
from segments.engine.settle import settle
from segments.models import Membership
from segments.tests.language import attribute, definition, event, field, occurrence, sequence
from tests.attacks.effort import IS_LONG
from tests.attacks.hostile import SQL
from tests.figures import count

pytestmark = pytest.mark.django_db

TEXTS = SQL if IS_LONG else SQL[::3]
ODD, PLAIN = "odd", "plain"


@pytest.fixture(params=TEXTS)
def text(request):
    """Somebody whose data are hostile, beside somebody whose are not."""
    text: str = request.param
    now = current_time()
    for key, type_ in (("words", "text"), ("several", "list")):
        create_field(raw={"key": key, "type": type_}, now=now)
    rows = [(ODD, text), (PLAIN, "plain")]
    upsert_contacts(
        rows=[
            ContactRow(
                built_in={"external_id": name, "city": said, "last_name": said},
                attributes={"words": said, "several": [said, "b"]},
            )
            for name, said in rows
        ],
        now=now,
    )
    sent = [
        EventRow(ContactRef("external_id", name), said, now, f"{name} {said}", {said: said, "n": 1})
        for name, said in rows
    ]
    record_events(rows=sent, now=now)
    settle(now=now)
    return text


@pytest.fixture
def program():
    secret = create_key(name="All", scopes=ApiKey.Scope.values)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"})


def ask(program: Client, tree: Any) -> Any:
    body = {"definition": tree, "sample": 10}
    count("definitions with SQL in them")
    return program.post(
        "/api/v1/segments/preview", json.dumps(body), content_type="application/json"
    )


def found(program: Client, tree: Any) -> set[str]:
    answer = ask(program, tree)
    assert answer.status_code == 200, answer.content
    return {contact["external_id"] for contact in answer.json()["sample"]}


def as_pattern(text: str) -> str:
    return "^" + re.sub(r"([^A-Za-z0-9])", r"\\\1", text) + "$"


def comparisons(text: str) -> list[tuple[str, Any]]:
    """Every operator of texts and lists that has a value, with it."""
    values = {Takes.SCALAR: text, Takes.LIST: [text], Takes.PATTERN: as_pattern(text)}
    return [
        (operator.key, values[operator.takes])
        for operator in OPERATORS.values()
        if FieldType.TEXT in operator.types and operator.takes in values
    ]


def test_a_value_is_only_a_value(program, text):
    for key in ("city", "last_name", "words"):
        for operator, value in comparisons(text):
            for case_sensitive in (True, False):
                tree = field(key, operator, value, case_sensitive=case_sensitive)
                is_negated = OPERATORS[operator].negates is not None
                assert found(program, definition(tree)) == {PLAIN if is_negated else ODD}, tree


def test_a_value_in_a_list_is_only_a_value(program, text):
    for operator in ("contains_any", "contains_all", "contains_none"):
        one = found(program, definition(field("several", operator, [text])))
        assert one == ({PLAIN} if operator == "contains_none" else {ODD})


def test_a_path_of_an_attribute_and_a_type_of_event_are_only_names(program, text):
    for operator, value in comparisons(text):
        check = definition(attribute(text, "text", operator, value))
        expected = set() if OPERATORS[operator].negates else {ODD}
        assert found(program, definition(event(text, where=check))) == expected
        assert found(program, definition(occurrence(text, check=check))) == expected
    total = {"of": "distinct", "attribute": text}
    assert found(program, definition(event(text, measure=total, operator="equals", value=1))) == {
        ODD
    }
    assert found(program, definition(sequence({"event": text}, {"event": text}))) == set()


def test_names_and_salts_are_only_texts(program, text):
    named = {**definition(field("words", "equals", text)), "name": text[:80]}
    salted = {"kind": "random", "percent": 100, "salt": text}

    assert found(program, definition(named)) == {ODD}
    assert found(program, definition(salted)) == {ODD, PLAIN}


WRONG = [
    *(field(key, "equals", "x") for key in ("{}", "{}.x", "city{}")),
    {"kind": "segment", "segment": "{}", "member": True},
    *(
        field("created_at", operator.key, "{}")
        for operator in OPERATORS.values()
        if FieldType.DATETIME in operator.types and operator.takes != Takes.NOTHING
    ),
    field("city", "{}", "x"),
    {"kind": "{}"},
    event("Purchase", measure={"of": "{}", "attribute": "x"}, operator="equals", value=1),
    event("Purchase", window={"kind": "last", "amount": "{}", "unit": "day"}),
    event("Purchase", window={"kind": "last", "amount": 1, "unit": "{}"}),
    {"kind": "random", "percent": "{}", "salt": "x"},
    definition(match="{}"),
    event("Purchase", where=definition(attribute("x", "{}", "equals", "x"))),
]


def test_elsewhere_they_are_refused_where_they_stand(program, text):
    quoted = json.dumps(text)[1:-1]
    for one in WRONG:
        tree = json.loads(json.dumps(definition(one)).replace("{}", quoted))
        answer = ask(program, tree)
        assert answer.status_code == 400, tree
        assert all(error["path"] and error["message"] for error in answer.json()["errors"]), tree


def test_a_live_segment_of_such_texts_has_the_right_members(program, text):
    now = current_time()
    tree = definition(
        field("words", "equals", text),
        field("city", "matches", as_pattern(text)),
        field("several", "contains_any", [text]),
        event(text, where=definition(attribute(text, "text", "starts_with", text[:5]))),
    )
    services.create_segment(key="odd", name=text[:100], definition=tree, author=None, now=now)
    settle(now=now)
    upsert_contacts(
        rows=[
            ContactRow(built_in={"external_id": PLAIN, "city": text}, attributes={"words": text})
        ],
        now=now,
    )
    settle(now=now)
    [member] = Membership.objects.select_related("contact")
    assert member.contact.external_id == ODD

    for path in (f"explain/{member.contact_id}", "history", "members", "members.csv", "versions"):
        assert program.get(f"/api/v1/segments/odd/{path}").status_code == 200
    assert program.get("/api/v1/segments/odd/breakdown?field=words").status_code == 200
