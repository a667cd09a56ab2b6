"""Real values to choose from: those that contacts and events have, the most frequent first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from contacts.built_in import SHOWN
from contacts.models import Field, FieldTypes, IdentityKind
from events.arrival import ARRIVED
from events.attributes import LONGEST_PATH
from events.models import EventType
from segmentflow.limits import TooSlow, within
from segments.engine.sampling import Everybody, ask_some, everybody, scaled

LIMIT_MS: Final = 300
NEWEST: Final = 5_000
"""Events of a type that are looked at."""
LONGEST_VALUE: Final = 200
"""Longer ones are texts to read, not to choose."""
BUILT_IN: Final = frozenset(field.key for field in SHOWN)
UNIQUE: Final = frozenset(IdentityKind.values)
"""Fields of which no two contacts have the same value: there is nothing to count."""


@dataclass(frozen=True, slots=True)
class Suggested:
    value: str
    count: int | None
    """None: too few were seen to say."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    values: list[Suggested]
    is_exact: bool
    """Whether everything was looked at; else only some contacts, or the newest events."""


# Of each source a query of values `v`, which may be NULL.

BUILT_IN_VALUES = "SELECT c.{key} AS v FROM contacts_contact c WHERE {among}"
FIELD_VALUES = {
    FieldTypes.TEXT: """
        SELECT json_text(c.attributes -> %(key)s) AS v FROM contacts_contact c WHERE {among}""",
    FieldTypes.NUMBER: """
        SELECT trim_scale(json_number(c.attributes -> %(key)s))::text AS v
        FROM contacts_contact c WHERE {among}""",
    FieldTypes.LIST: """
        SELECT one.v
        FROM contacts_contact c CROSS JOIN LATERAL (
            SELECT min(item) AS v
            FROM jsonb_array_elements_text(c.attributes -> %(key)s) AS item
            GROUP BY lower(item)
        ) one
        WHERE jsonb_typeof(c.attributes -> %(key)s) = 'array' AND {among}""",
}
ATTRIBUTE_VALUES = """
        SELECT CASE jsonb_typeof(item)
            WHEN 'number' THEN trim_scale(json_number(item))::text ELSE json_text(item) END AS v
        FROM (
            SELECT COALESCE(e.attributes -> %(attribute)s, e.attributes{path}) AS json
            FROM events_event e
            WHERE e.type_id = %(type)s AND e.{arrived}
            ORDER BY e.received_at DESC
            LIMIT %(newest)s
        ) newest
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE jsonb_typeof(json) WHEN 'array' THEN json ELSE jsonb_build_array(json) END
        ) AS item"""

FITS = "v <> '' AND length(v) <= %(longest)s AND strpos(lower(v), lower(%(words)s)) > 0"
FIRST_FEW = """
    SELECT v, 1
    FROM (SELECT c.{key} AS v, c.id FROM contacts_contact c) AS found
    WHERE {fits}
    ORDER BY id
    LIMIT %(limit)s"""
MOST_FREQUENT = """
    SELECT (array_agg(v ORDER BY n DESC, v))[1], sum(n)::bigint AS n
    FROM (
        SELECT v, count(*) AS n
        FROM ({values}) AS found
        WHERE {fits}
        GROUP BY v
    ) AS counted
    GROUP BY lower(v)
    ORDER BY lower(v) = ANY(%(choices)s::text[]) DESC, n DESC, 1
    LIMIT %(limit)s"""
"""Conditions take no notice of case, so spellings are one value: the commonest of them."""


def field_values(*, field_key: str, type: str, words: str, limit: int = 20) -> Suggestions:  # noqa: A002 - what a field's is called
    """The values of a text, number or list field that contain the words. Raises TooSlow."""
    values = _source(field_key, type)
    if values is None or not _is_text(field_key + words):
        return Suggestions([], is_exact=True)
    choices = _choices(field_key, words)
    asked = {
        "key": field_key,
        "words": words,
        "choices": [choice.lower() for choice in choices],
        "limit": limit + len(choices),
    }
    try:
        with within(LIMIT_MS):
            if field_key in UNIQUE:
                found = _rows(FIRST_FEW.replace("{key}", field_key), asked)
            else:
                found = _most_frequent(values.format(among="true"), asked)
        return Suggestions(_with_choices(found, choices, limit), is_exact=True)
    except TooSlow:
        found = _of_some(values, asked)
    return Suggestions(_with_choices(found, choices, limit), is_exact=False)


def attribute_values(*, event_key: str, attribute: str, words: str, limit: int = 20) -> Suggestions:
    """The values of an attribute, an object's by a dotted path, among the newest events.

    Raises TooSlow.
    """
    nothing = Suggestions([], is_exact=False)
    if not _is_text(event_key + attribute + words) or len(attribute) > LONGEST_PATH:
        return nothing
    type_id = EventType.objects.filter(key=event_key).values_list("pk", flat=True).first()
    if type_id is None:
        return nothing
    steps = {f"step{n}": step for n, step in enumerate(attribute.split("."))}
    values = ATTRIBUTE_VALUES.format(
        arrived=ARRIVED, path="".join(f" -> %({name})s" for name in steps)
    )
    asked = {"attribute": attribute, "type": type_id, "words": words, "limit": limit, **steps}
    try:
        with within(LIMIT_MS):
            found = _most_frequent(values, {**asked, "newest": NEWEST})
    except TooSlow:
        with within(LIMIT_MS):
            found = _most_frequent(values, {**asked, "newest": NEWEST // 20})
    return Suggestions(found, is_exact=False)


def attribute_names(event_key: str) -> list[tuple[str, str]]:
    """The attributes of a type as its events have them, the commonest first: (path, type)."""
    if not _is_text(event_key):
        return []
    known = EventType.objects.filter(key=event_key).values_list("attributes", flat=True).first()
    types = {path: seen["types"] for path, seen in (known or {}).items() if seen["types"]}
    paths = sorted(types, key=lambda path: (-sum(types[path].values()), path))
    return [(path, max(types[path], key=types[path].__getitem__)) for path in paths]


def _source(key: str, type_: str) -> str | None:
    """The query of a field's values, with a place for which contacts."""
    if key in BUILT_IN:
        return BUILT_IN_VALUES.replace("{key}", key)
    return FIELD_VALUES.get(FieldTypes(type_)) if type_ in FieldTypes.values else None


def _is_text(text: str) -> bool:
    """Whether the database could hold it at all."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _most_frequent(values: str, asked: dict[str, Any]) -> list[Suggested]:
    return _rows(MOST_FREQUENT.replace("{values}", values), asked)


def _rows(sql: str, asked: dict[str, Any]) -> list[Suggested]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.replace("{fits}", FITS), {"choices": [], "longest": LONGEST_VALUE, **asked}
        )
        return [Suggested(value, count) for value, count in cursor.fetchall()]


def _of_some(values: str, asked: dict[str, Any]) -> list[Suggested]:
    """Of some contacts, counted as if all were like them."""
    contacts = everybody()

    def ask(ids: list[int]) -> list[Suggested]:
        among = "c.id = ANY(%(ids)s::bigint[])"
        found = _most_frequent(values.format(among=among), {**asked, "ids": ids})
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM contacts_contact c WHERE {among}", {"ids": ids})
            seen = cursor.fetchone()[0]
        return [Suggested(one.value, _for_all(one.count or 0, seen, contacts)) for one in found]

    return ask_some(contacts, ask)


def _for_all(count: int, seen: int, contacts: Everybody) -> int | None:
    """What was seen once, everybody may have, or nobody else."""
    return scaled(count, seen=seen, total=contacts.total) if count > 1 else None


def _choices(key: str, words: str) -> list[str]:
    declared: Iterable[Any] = (
        Field.objects.filter(key=key).values_list("choices", flat=True).first() or []
    )
    texts = [str(choice) for choice in declared]
    return [text for text in texts if words.lower() in text.lower()]


def _with_choices(found: list[Suggested], choices: list[str], limit: int) -> list[Suggested]:
    """Choices are spelled as they were declared; those that nobody has come last."""
    counts = {one.value.lower(): one for one in found}
    for choice in choices:
        one = counts.get(choice.lower())
        counts[choice.lower()] = Suggested(choice, one.count if one else 0)
    return sorted(counts.values(), key=lambda one: -(one.count or 0))[:limit]
