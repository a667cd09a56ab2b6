"""The reference of the condition language is complete and true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from segments.conditions.nodes import FieldType, Match, MeasureOf, Unit
from segments.conditions.operators import (
    BUILT_IN_FIELDS,
    MEASURE_OPERATORS,
    OPERATORS,
    PERIODS,
    Operator,
    Takes,
)
from segments.conditions.parse import CONDITIONS
from segments.conditions.parse_windows import KINDS as WINDOWS

ROOT = Path(settings.BASE_DIR)
REFERENCE = (ROOT / "docs" / "conditions.md").read_text()
SOURCES = sorted((ROOT / "segments" / "conditions").glob("*.py"))


def rows_of(key: str) -> list[list[str]]:
    """The cells of every table row that begins with this word."""
    rows = [line for line in REFERENCE.splitlines() if line.startswith(f"| `{key}` |")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.key)
def test_every_operator_has_its_row_with_its_types_and_what_missing_does(operator: Operator):
    _, types, value, _, when_missing = rows_of(operator.key)[0]

    said = set(FieldType) if types == "all" else {FieldType(word) for word in types.split(", ")}
    assert said == operator.types
    assert (value == "none") == (operator.takes == Takes.NOTHING)
    assert when_missing == ("true" if operator.negates else "false")


def test_no_row_tells_of_an_operator_that_is_not_there():
    table = REFERENCE.split("### All operators")[1].split("**Texts**")[0]

    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(OPERATORS)


@pytest.mark.parametrize(
    "word",
    [
        *CONDITIONS,
        *Match,
        *FieldType,
        *Unit,
        *PERIODS,
        *BUILT_IN_FIELDS,
        *MEASURE_OPERATORS,
    ],
)
def test_every_word_of_the_language_is_told(word):
    assert f"`{word}`" in REFERENCE


@pytest.mark.parametrize("window", WINDOWS)
def test_every_window_has_its_row(window):
    assert f'\n| `{{"kind": "{window}"' in REFERENCE


@pytest.mark.parametrize("measure", MeasureOf)
def test_every_measure_has_its_row(measure):
    assert f'\n| `{{"of": "{measure}"' in REFERENCE


def codes() -> set[str]:
    """Every code of a problem that the sources know of."""
    found = "|".join(
        [
            r'\.problem\(\s*"(\w+)"',
            r'Problem\("", "(\w+)"',
            r'return "(\w+)", f?"',
            r'\.choice\([^"]*?(?:\("[^)]*\), )?"(\w+)", "',
        ]
    )
    return {
        code
        for source in SOURCES
        for groups in re.findall(found, source.read_text())
        for code in groups
        if code
    }


def test_every_code_of_a_problem_is_told_and_no_other():
    table = REFERENCE.split("| code | what is wrong |")[1]
    told = {
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`(\w+)`", line.split("|")[1])
    }

    assert told == codes()


def test_the_links_within_the_page_lead_somewhere():
    headings = re.findall(r"^#+ (.+)$", REFERENCE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", REFERENCE)) <= anchors


def test_the_examples_are_json():
    for example in re.findall(r"```json\n(.+?)```", REFERENCE, re.DOTALL):
        json.loads(re.sub(r"([\[{]) \.\.\. ([\]}])", r"\1\2", example))
