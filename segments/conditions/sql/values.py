"""SQL that reads a contact's field or an event's attribute as a type; NULL when missing."""

from __future__ import annotations

from dataclasses import dataclass

from segments.conditions.nodes import FieldType, FieldValue
from segments.conditions.operators import BUILT_IN_FIELDS
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.moments import Moment

CONTACT = "c"
"""Alias of the contact in every statement."""
EVENT = "e"
"""Alias of the event wherever one is looked at."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as SQL, with its type."""

    sql: str
    type: FieldType


def field_value(moment: Moment, key: str, field_type: FieldType) -> Typed:
    if key in BUILT_IN_FIELDS:
        column = f"{CONTACT}.{key}"  # one of our own names, never somebody's text
        return Typed(column if key == "created_at" else f"NULLIF({column}, '')", field_type)
    json = f"({CONTACT}.attributes -> {moment.binder.add(key, 'text')})"
    return typed(moment, json, field_type)


def own_value(moment: Moment, value: FieldValue) -> Typed:
    """The contact's own value that something is compared with."""
    return field_value(moment, value.field, value.type)


def attribute_json(moment: Moment, attribute: str) -> str:
    """An event's attribute as jsonb: a key of that very name, else the dotted path."""
    bind = moment.binder.add
    whole = f"({EVENT}.attributes -> {bind(attribute, 'text')})"
    if "." not in attribute:
        return whole
    steps = "".join(f" -> {bind(step, 'text')}" for step in attribute.split("."))
    return f"COALESCE({whole}, {EVENT}.attributes{steps})"


def attribute_value(
    moment: Moment, attribute: str, field_type: FieldType, event_type: EventTypeFacts
) -> Typed:
    """An event's attribute; the number of the value attribute stands in the index, and its JSON does not."""
    if field_type == FieldType.NUMBER and attribute == event_type.value_attribute:
        return Typed(f"{EVENT}.value", field_type)
    return typed(moment, attribute_json(moment, attribute), field_type)


def typed(moment: Moment, json: str, field_type: FieldType) -> Typed:
    """A jsonb expression read as a type (section 3, attribute values)."""
    text = f"json_text({json})"
    match field_type:
        case FieldType.TEXT:
            sql = f"NULLIF({text}, '')"
        case FieldType.NUMBER:
            sql = f"json_number({json})"
        case FieldType.BOOLEAN:
            sql = f"json_boolean({json})"
        case FieldType.DATE:
            sql = f"text_date({text}, {moment.zone_sql})"
        case FieldType.DATETIME:
            sql = f"text_instant({text}, {moment.zone_sql})"
        case FieldType.LIST:
            is_list = f"jsonb_typeof({json}) = 'array' AND {json} <> '[]'::jsonb"
            sql = f"(CASE WHEN {is_list} THEN {json} END)"
    return Typed(sql, field_type)


def as_text(value: Typed) -> str:
    """The value for people who ask why; times as ISO 8601."""
    if value.type == FieldType.DATETIME:
        return iso_text(value.sql)
    return f"({value.sql})::text"


def iso_text(time: str) -> str:
    return f"(to_json({time}) #>> '{{}}')"
