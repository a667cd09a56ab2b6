"""Conditions that a list of contacts is filtered by: read from its address, told, answered.

They are written as the language writes them, a JSON list of which all must hold; so they are
what a segment can be made of, and the same SQL decides who meets them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from contacts.narrowing import About, Chip, Filter, Filtered
from segmentflow.exact import ExactDecoder, ExactEncoder
from segmentflow.limits import TooSlow
from segments.builder.describing import subject_of
from segments.catalog import current_catalog, current_labels
from segments.conditions.catalog import Catalog, Labels
from segments.conditions.nodes import Group
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition, storable
from segments.conditions.sentence import sentence
from segments.conditions.sql.compiler import Compiled
from segments.engine.counting import count_quickly
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.near import is_apart, near, together

Tree = dict[str, Any]

PARAMETER: Final = "where"
LONGEST: Final = 6_000
"""Characters; addresses of 8,000 and more do not get through everywhere."""
MOST: Final = 20
TABLE: Final = "contacts_contact"
LONGEST_SUBJECT: Final = 100
NAMED = re.compile(r"%\((\w+)\)s")

NOT_JSON: Final = "The filters in this address are not understood: they are no list of conditions."
TOO_LONG: Final = (
    f"The filters are too long for an address, which takes {LONGEST:,} characters of them."
)
TOO_MANY: Final = f"A list takes up to {MOST} filters, and these are more."
SOME_WRONG: Final = "Not every filter is understood. Remove or change the marked ones."


class NotUnderstood(ValueError):
    """Said in a sentence."""


@dataclass(frozen=True, slots=True)
class _Told:
    words: str
    problem: str = ""


def read_conditions(text: str) -> list[Any]:
    """Raises NotUnderstood for what is no list of conditions; what they say is not looked at."""
    if not text:
        return []
    if len(text) > LONGEST:
        raise NotUnderstood(TOO_LONG)
    try:
        found = json.loads(text, cls=ExactDecoder, parse_constant=_refuse)
        written(found)  # half a letter or an endless number could not be written again
    except (ValueError, ArithmeticError, RecursionError):
        raise NotUnderstood(NOT_JSON) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise NotUnderstood(NOT_JSON)
    if len(found) > MOST:
        raise NotUnderstood(TOO_MANY)
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def written(conditions: Sequence[Any]) -> str:
    """As the address has them; empty for none."""
    return ExactEncoder().encode(conditions) if conditions else ""


def all_of(conditions: Sequence[Any]) -> Tree:
    return {"kind": "group", "match": "all", "children": list(conditions)}


def asked_definition(parameters: Mapping[str, str]) -> Tree | None:
    """What a list is narrowed and filtered to, as a definition; None for everybody.

    Raises NotUnderstood.
    """
    conditions = read_conditions(parameters.get(PARAMETER, ""))
    if segment := parameters.get("segment", ""):
        conditions = [{"kind": "segment", "segment": segment, "member": True}, *conditions]
    return all_of(conditions) if conditions else None


def read_filter(text: str, now: datetime) -> Filtered:
    """Raises nothing: what is not understood leaves nobody, and says why."""
    try:
        conditions = read_conditions(text)
    except NotUnderstood as error:
        return Filtered((), None, str(error))
    if not conditions:
        return Filtered((), None, NOT_JSON)
    catalog, labels = current_catalog(), current_labels()
    told = [_told(one, catalog, labels) for one in conditions]
    chips = [
        Chip(one.words, one.problem, written([*conditions[:place], *conditions[place + 1 :]]))
        for place, one in enumerate(told)
    ]
    if any(one.problem for one in told):
        return Filtered(chips, None, SOME_WRONG)
    return Filtered(chips, holding(parse(all_of(conditions), catalog), now=now))


def _told(condition: Tree, catalog: Catalog, labels: Labels) -> _Told:
    """Each is read by itself, so that one that is wrong does not hide the others."""
    try:
        return _Told(sentence(parse(all_of([condition]), catalog), labels))
    except InvalidDefinition as error:
        problem = " ".join(one.message for one in error.problems[:3])
        return _Told(storable(subject_of(condition, labels))[:LONGEST_SUBJECT], problem)


def holding(group: Group, *, now: datetime) -> RawSQL:
    """Whether it is true for a row of the table of contacts, in a query of any order."""
    statement = compiled(group, facts=current_facts([group]), now=now)
    if is_apart(f"SELECT FROM {TABLE} WHERE {statement.holds(row=TABLE)}", statement.params):
        these = f"{TABLE}.id = ANY(%s)"
        return RawSQL(these, [_all_of_them(statement)], BooleanField())  # noqa: S611 - no text of anybody
    names: list[str] = []

    def place(named: re.Match[str]) -> str:
        names.append(named[1])
        return "%s"

    sql = NAMED.sub(place, statement.holds(row=TABLE))
    values = [statement.params[name] for name in names]
    return RawSQL(sql, values, BooleanField())  # noqa: S611 - of the compiler, values are bound


def _all_of_them(statement: Compiled) -> list[int]:
    """On a cluster that refuses to ask of one row: asked of copies, and of everybody at once."""
    params, everybody = statement.params, "true"
    asked = f"SELECT contact_id FROM ({statement.rows(only=everybody)}) a WHERE truth"
    with together(connection), connection.cursor() as cursor:
        cursor.execute(near(asked, only=everybody, params=params, always=True), params)
        return [contact_id for (contact_id,) in cursor.fetchall()]


def count_about(text: str, by: Mapping[str, str], now: datetime) -> About | None:
    """None when it is not understood, or when not even a few contacts can be looked at in time."""
    try:
        definition = asked_definition({**by, PARAMETER: text})
        counted = count_quickly(parse(definition, current_catalog()), now=now)
    except (NotUnderstood, InvalidDefinition, TooSlow):
        return None
    return About(counted.count, counted.is_exact)


CONDITIONS = Filter(
    parameter=PARAMETER,
    read=read_filter,
    count=count_about,
    choose="filter_choose",
    edit="filter_edit",
    keep="segment_new",
    keep_label="Save as segment",
    keep_needs=("segments.view_segment", "segments.add_segment", "segments.change_segment"),
    needs=("segments.view_segment", "events.view_eventtype"),
)
