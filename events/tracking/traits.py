"""Traits of people as values of fields: known ones are built in, objects are taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from contacts.fields import KEY, TAKEN
from contacts.models import FieldTypes
from contacts.problems import Problem
from contacts.rows import BUILT_IN, IDENTITIES, wrong_built_in
from contacts.values import wrong_value
from segmentflow.api.bodies import encode_json

NAMES: Final = {
    **{key: key for key in BUILT_IN if key != "external_id"},
    "firstName": "first_name",
    "firstname": "first_name",
    "lastName": "last_name",
    "lastname": "last_name",
    "preferredChannel": "preferred_channel",
    "address_city": "city",
    "address_country": "country",
}
PREFIX: Final = "trait_"
LONGEST_KEY: Final = 64
DEEPEST: Final = 4
NO_LETTER = re.compile(r"[^A-Za-z0-9_]")


@dataclass(slots=True)
class Values:
    """What traits say about a contact."""

    built_in: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_traits(traits: Mapping[str, Any], *, prefix: str = "") -> Values:
    """The values of a message's traits; with a prefix, all of them are additional fields."""
    values = Values()
    for key, value in _flat(traits, prefix, values.problems):
        name = None if prefix else NAMES.get(key)
        if name is None:
            values.attributes[_field_key(key)] = value
        else:
            _add_built_in(values, name, value)
    values.attributes.pop(f"{PREFIX}id", None)  # it says again who it is
    if not prefix:
        _split_name(values)
    return values


def _flat(
    traits: Mapping[str, Any], above: str, problems: list[Problem], depth: int = 1
) -> Iterator[tuple[str, Any]]:
    for key, value in traits.items():
        path = f"{above}_{key}" if above else key
        if not isinstance(value, dict):
            yield path, value
        elif depth < DEEPEST:
            yield from _flat(value, path, problems, depth + 1)
        else:
            problems.append(Problem(path, "too_deep", ""))


def _field_key(key: str) -> str:
    """A key that a field can have."""
    fitting = NO_LETTER.sub("_", key)[:LONGEST_KEY]
    if fitting in TAKEN or not KEY.fullmatch(fitting):
        fitting = f"{PREFIX}{fitting}"[:LONGEST_KEY]
    return fitting


def _add_built_in(values: Values, key: str, value: Any) -> None:
    text = _as_text(value)
    if key in IDENTITIES and not text and value in (None, ""):
        return  # libraries send what they do not know; it takes nobody's email away
    if value is None:
        values.built_in[key] = ""
    elif text is None or wrong_built_in(key, text):
        values.problems.append(Problem(key, "wrong_type", ""))
    else:
        values.built_in[key] = text


def _split_name(values: Values) -> None:
    """A whole name tells first and last names, where those are not sent."""
    name = values.attributes.pop("name", None)
    if not isinstance(name, str) or {"first_name", "last_name"} & values.built_in.keys():
        return
    first, _, last = name.strip().rpartition(" ")
    for key, text in (("first_name", first or last), ("last_name", last if first else "")):
        if text and not wrong_built_in(key, text):
            values.built_in[key] = text


def _as_text(value: Any) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return encode_json(value)
        case _:
            return None


def as_type(value: Any, type_: str) -> Any:
    """The value as a field of the type takes it, where that loses nothing; else as it is."""
    if value is None or wrong_value(value, type_) is None:
        return value
    if type_ == FieldTypes.TEXT:
        return value if (text := _as_text(value)) is None else text
    if type_ == FieldTypes.LIST:
        texts = [_as_text(one) for one in (value if isinstance(value, list) else [value])]
        return value if None in texts else texts
    return value
