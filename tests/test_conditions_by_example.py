"""docs/conditions-by-example.md: every line is evaluated and comes out as it says; nothing is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from segments import services
from segments.conditions.nodes import FieldType, MeasureOf
from segments.conditions.operators import OPERATORS, PERIODS
from segments.conditions.parse import CONDITIONS
from segments.conditions.parse_windows import KINDS as WINDOWS
from segments.engine.preview import preview
from tests import worlds
from tests.oracle import Happening, Person

pytestmark = pytest.mark.django_db

PAGE = (Path(settings.BASE_DIR) / "docs" / "conditions-by-example.md").read_text()
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVENT = "Purchase"
MISSING = object()
DAY = timedelta(days=1)

Row = list[list[Any]]
"""Of each cell what stands there as code, read as JSON where it is some."""


def rows(section: str) -> Iterator[Row]:
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    for line in lines:
        yield [list(_told(cell)) for cell in re.split(r"(?<!\\) ?\| ?", line)[1:-1]]


def _told(cell: str) -> Iterator[Any]:
    for code, word in re.findall(r"`([^`]+)`|\b(missing|none)\b", cell):
        if word:
            yield MISSING
        else:
            try:
                yield json.loads(code)
            except ValueError:
                yield code


@pytest.fixture
def catalog(db: None) -> None:
    worlds.register({f"a_{kind}": kind for kind in FieldType}, [EVENT, "Cart"])


def found(condition: dict[str, Any], people: Sequence[Person]) -> list[bool]:
    """Of each of these people, alone in the world, whether it holds; nothing of it stays."""
    definition = {"kind": "group", "match": "all", "children": [condition]}
    with transaction.atomic():
        ids = []
        for number, person in enumerate(people):
            named = replace(person, built_in={"external_id": f"u{number}"})
            ids.append(worlds.send_contact(named))
            worlds.send_events(ids[-1], person.events, now=NOW)
        group = services.check_definition(definition=definition)
        members = {*preview(group, now=NOW, sample=len(people)).contact_ids}
        transaction.set_rollback(True)
    return [contact_id in members for contact_id in ids]


def check(condition: dict[str, Any], right: Sequence[Person], wrong: Sequence[Person]) -> None:
    assert right or wrong
    expected = [True] * len(right) + [False] * len(wrong)
    assert found(condition, [*right, *wrong]) == expected, condition


def with_value(key: str, value: Any) -> Person:
    return Person(0, NOW - 400 * DAY, {}, {} if value is MISSING else {key: value})


def with_events(*events: Happening) -> Person:
    return Person(0, NOW - 400 * DAY, {}, {}, list(events))


def test_operators_are_true_and_false_as_said(catalog: None):
    seen = set()
    for [kind], [said], right, wrong in rows("Operators"):
        key = f"a_{kind}"
        condition = {"kind": "field", "field": key, **said}
        check(
            condition,
            [with_value(key, value) for value in right],
            [with_value(key, value) for value in wrong],
        )
        seen.add(said["operator"])

    assert seen == OPERATORS.keys()


def test_measures_are_as_said(catalog: None):
    seen = set()
    for [said], right, wrong in rows("Measures"):
        measure = said["measure"]
        attribute = measure.get("attribute", "amount")

        def buyer(values: Any, attribute: str = attribute) -> Person:
            amounts = [] if values is MISSING else values
            return with_events(
                *(
                    Happening(EVENT, NOW - (number + 1) * DAY, f"m{number}", {attribute: value})
                    for number, value in enumerate(amounts)
                )
            )

        check({"kind": "event", "event": EVENT, **said}, [*map(buyer, right)], [*map(buyer, wrong)])
        seen.add(measure["of"])

    assert seen == {*MeasureOf}


def test_windows_hold_the_times_that_are_said(catalog: None):
    seen = set()
    for [window], right, wrong in rows("Windows"):
        buyers = [
            [with_events(Happening(EVENT, datetime.fromisoformat(at), "m")) for at in times]
            for times in (right, wrong)
        ]
        check({"kind": "event", "event": EVENT, "window": window}, *buyers)
        seen.add(window["kind"])

    assert seen == {*WINDOWS}


def test_periods_begin_and_end_on_the_days_that_are_said(catalog: None):
    told = {}
    for [period], [first], [last] in rows("Calendar periods"):
        condition = {"kind": "field", "field": "a_date", "operator": "in_period", "value": period}
        before = (date.fromisoformat(first) - DAY).isoformat()
        after = (date.fromisoformat(last) + DAY).isoformat()
        people = [
            [with_value("a_date", day) for day in days] for days in ((first, last), (before, after))
        ]
        check(condition, *people)
        told[period] = True

    assert told.keys() == PERIODS.keys()


def test_what_people_ask_for_is_valid(catalog: None):
    worlds.publish(
        "vips", {"kind": "group", "match": "all", "children": [{"kind": "everyone"}]}, now=NOW
    )
    kinds = set()
    for row in rows("What people ask for"):
        [condition] = row[-1]
        services.check_definition(
            definition={"kind": "group", "match": "all", "children": [condition]}
        )
        kinds.add(condition["kind"])

    assert kinds == {*CONDITIONS} - {"group", "field", "everyone"} - {"attribute"}
