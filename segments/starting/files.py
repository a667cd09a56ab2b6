"""A template as a file: written here, read in another installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contacts.fields import checked_field
from contacts.members import read_members
from contacts.problems import Problem, Refused
from contacts.values import wrong_text
from events.registry import checked_type
from segmentflow.clock import workspace_zone
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.drafts import draft_problem
from segments.starting.pieces import JSON
from segments.starting.template import Template, named_in
from segments.starting.written_out import written_out

FORMAT: Final = "segmentflow_template"
VERSION: Final = 1
LONGEST_NAME: Final = 100
LONGEST_CATEGORY: Final = 50
LONGEST_DESCRIPTION: Final = 2_000
USUAL_CATEGORY: Final = "Other"
FIELD_KEPT = ("key", "type", "label", "description", "choices")
TYPE_KEPT = ("key", "label", "description", "value_attribute")


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored of a template, found right as a whole."""

    name: str
    description: str
    category: str
    definition: JSON
    fields: list[JSON]
    event_types: list[JSON]


def as_file(template: Template) -> JSON:
    return {
        FORMAT: VERSION,
        "name": template.name,
        "description": template.description,
        "category": template.category,
        "definition": template.definition,
        "fields": [need.raw for need in template.needs if need.named.kind == "field"],
        "event_types": [need.raw for need in template.needs if need.named.kind == "event"],
    }


def read_file(raw: object) -> Content:
    """Raises Refused with everything that is wrong, each at what it concerns."""
    sent = read_members(raw, CHECKS, required=(FORMAT, "name", "definition"))
    fields, wrong_fields = _read_all(sent.get("fields", []), "fields", checked_field)
    types, wrong_types = _read_all(sent.get("event_types", []), "event_types", checked_type)
    return checked_content(
        name=sent["name"],
        description=sent.get("description", ""),
        category=sent.get("category", ""),
        definition=sent["definition"],
        fields=[_only(one, FIELD_KEPT) for one in fields],
        event_types=[_only(one, TYPE_KEPT) for one in types],
        known=[*wrong_fields, *wrong_types],
    )


def checked_content(
    *,
    name: str,
    description: str,
    category: str,
    definition: Any,
    fields: Sequence[JSON],
    event_types: Sequence[JSON],
    known: Sequence[Problem] = (),
) -> Content:
    """With references to segments written out, and only those needs that are needed.

    Raises Refused with all that is wrong, and what is `known` to be.
    """
    name, category = name.strip(), category.strip() or USUAL_CATEGORY
    problems = list(known)
    if not name:
        problems.append(Problem("name", "required", "A template needs a name."))
    if problem := draft_problem(definition):
        raise Refused([*problems, Problem("definition", problem.code, problem.message)])
    try:
        written = written_out(definition)
    except Refused as refused:
        problems += refused.problems
        written = definition
    told = {one.path for one in problems}
    wrong = _wrong_definition(written, fields, event_types)
    if problems := [*problems, *(one for one in wrong if one.path not in told)]:
        raise Refused(problems)
    named = set(named_in(written))
    return Content(
        name=name,
        description=description.strip(),
        category=category,
        definition=written,
        fields=[one for one in fields if ("field", one["key"]) in named],
        event_types=[one for one in event_types if ("event", one["key"]) in named],
    )


def _wrong_definition(
    definition: Any, fields: Sequence[JSON], event_types: Sequence[JSON]
) -> list[Problem]:
    catalog = Catalog(
        zone=workspace_zone(),
        fields={
            one["key"]: FieldInfo(FieldType(one["type"]), label=one.get("label", ""))
            for one in fields
        },
        event_types={one["key"]: EventTypeInfo(label=one.get("label", "")) for one in event_types},
    )
    try:
        parse(definition, catalog)
    except InvalidDefinition as invalid:
        return [
            Problem(f"definition.{one.path}".rstrip("."), one.code, one.message)
            for one in invalid.problems
        ]
    return []


def _read_all(
    raw: Sequence[object], path: str, check: Callable[[object], JSON]
) -> tuple[list[JSON], list[Problem]]:
    found: list[JSON] = []
    problems: list[Problem] = []
    for place, one in enumerate(raw):
        try:
            sent = check(one)
        except Refused as refused:
            problems += _below(f"{path}[{place}]", refused.problems)
            continue
        if any(sent["key"] == other["key"] for other in found):
            said = f"“{sent['key']}” is described twice."
            problems.append(Problem(f"{path}[{place}].key", "twice", said))
        found.append(sent)
    return found, problems


def _below(path: str, problems: Sequence[Problem]) -> Iterator[Problem]:
    for one in problems:
        inner = f"{path}.{one.path}" if one.path else path
        yield Problem(inner, one.code, one.message)


def _only(raw: Mapping[str, Any], kept: Sequence[str]) -> JSON:
    label = {} if raw.get("label") else {"label": raw["key"]}
    return {**{name: raw[name] for name in kept if name in raw}, **label}


def _text(longest: int) -> Callable[[object], str | None]:
    return lambda value: wrong_text(value, longest)


def _wrong_version(value: object) -> str | None:
    if value == VERSION and not isinstance(value, bool):
        return None
    return f"This installation reads templates of format {VERSION}."


MOST_NEEDS: Final = 500


def _wrong_list(value: object) -> str | None:
    if not isinstance(value, list):
        return "Here a list is wanted."
    return f"There are at most {MOST_NEEDS} of them." if len(value) > MOST_NEEDS else None


CHECKS: Final = {
    FORMAT: _wrong_version,
    "name": _text(LONGEST_NAME),
    "description": _text(LONGEST_DESCRIPTION),
    "category": _text(LONGEST_CATEGORY),
    "definition": lambda value: None,
    "fields": _wrong_list,
    "event_types": _wrong_list,
}
