"""Fields for attributes that a file has and nobody has defined: their types from their values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from contacts.models import Field, FieldTypes
from contacts.values import wrong_value

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
# The first that takes every value; a text takes the rest.
GUESSES = (
    FieldTypes.BOOLEAN,
    FieldTypes.NUMBER,
    FieldTypes.LIST,
    FieldTypes.DATE,
    FieldTypes.DATETIME,
)


def define_missing_fields(contacts: Iterable[Any]) -> list[Field]:
    """Define what the attributes of these contacts, as JSON, need; answers the new fields."""
    known = set(Field.objects.values_list("key", flat=True))
    open_types: dict[str, set[str]] = {}
    for contact in contacts:
        attributes = contact.get("attributes") if isinstance(contact, dict) else None
        if not isinstance(attributes, dict):
            continue
        for key, value in attributes.items():
            if key not in known and KEY.fullmatch(key) and value is not None:
                types = open_types.setdefault(key, set(GUESSES))
                types -= {kind for kind in types if not _takes(value, kind)}
    return [_define(key, types) for key, types in sorted(open_types.items())]


def _takes(value: object, kind: str) -> bool:
    if kind == FieldTypes.NUMBER and not isinstance(value, int | float | Decimal):
        return False
    return wrong_value(value, kind) is None


def _define(key: str, types: set[str]) -> Field:
    kind = next((guess for guess in GUESSES if guess in types), FieldTypes.TEXT)
    label = key.replace("_", " ").strip() or key
    label = label[0].upper() + label[1:]
    # Others may be defining it as well.
    return Field.objects.get_or_create(key=key, defaults={"label": label, "type": kind})[0]
