"""By which fields members can be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contacts.built_in import CREATED_AT, SHOWN
from contacts.models import Field, FieldTypes, IdentityKind

UNIQUE: Final = frozenset(IdentityKind.values)
"""No two contacts have the same value, so that there is nothing to tell."""
BUILT_IN: Final = tuple(one for one in (*SHOWN, CREATED_AT) if one.key not in UNIQUE)
USUAL: Final = "country"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as people know it."""

    key: str
    label: str
    type: FieldTypes
    is_built_in: bool


def built_in_fields() -> list[Asked]:
    return [Asked(one.key, one.label, one.type, is_built_in=True) for one in BUILT_IN]


def own_fields() -> list[Asked]:
    """Those that admins defined, in their order."""
    found = Field.objects.filter(archived_at=None)
    return [
        Asked(one.key, str(one), FieldTypes(one.type), is_built_in=False)
        for one in found
        if one.key not in {built_in.key for built_in in BUILT_IN}
    ]
