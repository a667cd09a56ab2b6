"""The columns of the list of contacts: all there are, and those that a person chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contacts.built_in import CREATED_AT, SHOWN
from contacts.models import ContactColumns, Field, FieldTypes
from contacts.problems import Problem, Refused
from segmentflow.models import User

PREFIX: Final = "attributes."
"""Before the key of an additional field; the others are columns of the table."""
USUAL: Final = ("email", "city", "country", "created_at")
MOST: Final = 30
"""More would make a page of 50 rows slow, and nobody reads them side by side."""
TIMES: Final = {"created_at": CREATED_AT.label, "updated_at": "Change date"}


class Key(StrEnum):
    """What a column is sorted by."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


SORTED_BY: Final = {
    FieldTypes.TEXT: Key.TEXT,
    FieldTypes.NUMBER: Key.NUMBER,
    FieldTypes.BOOLEAN: Key.TEXT,
    FieldTypes.DATE: Key.TEXT,  # as text, year first, dates are in order
}
"""Lists have no order. Additional times are kept as they were written, in any offset and any
precision, so that their texts are not in the order of time."""


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    type: str

    @property
    def field(self) -> str:
        """Key of an additional field; empty for what every contact has."""
        return self.key.removeprefix(PREFIX) if self.key.startswith(PREFIX) else ""

    @property
    def sorted_by(self) -> Key | None:
        """None when it cannot be sorted by."""
        if self.key in TIMES:
            return Key.TIME
        return SORTED_BY.get(FieldTypes(self.type))


NAME: Final = Column("name", "Contact", FieldTypes.TEXT)
"""Who it is, first in every list."""


def all_columns() -> list[Column]:
    """Fields in their order, the additional ones as admins ordered them."""
    fields = Field.objects.filter(archived_at=None)
    return [
        *(Column(one.key, one.label, one.type) for one in SHOWN),
        *(Column(PREFIX + one.key, str(one), one.type) for one in fields),
        *(Column(key, label, FieldTypes.DATETIME) for key, label in TIMES.items()),
    ]


def chosen_columns(*, person: User, columns: Sequence[Column]) -> list[Column]:
    """As the person ordered them; what has gone or was archived meanwhile is passed over."""
    row = ContactColumns.objects.filter(person=person).first()
    return picked(columns, USUAL if row is None else row.keys)


def picked(columns: Sequence[Column], keys: Iterable[str]) -> list[Column]:
    known = {column.key: column for column in columns}
    return [known[key] for key in dict.fromkeys(keys) if key in known]


def choose_columns(*, person: User, keys: Iterable[str]) -> list[Column]:
    """Keep them for the person, in this order; raises Refused for too many."""
    chosen = picked(all_columns(), keys)
    if len(chosen) > MOST:
        said = f"Choose up to {MOST} columns; these are {len(chosen)}."
        raise Refused([Problem("columns", "too_many", said)])
    ContactColumns.objects.update_or_create(
        person=person, defaults={"keys": [column.key for column in chosen]}
    )
    return chosen


def forget_columns(*, person: User) -> None:
    """Back to the usual ones."""
    ContactColumns.objects.filter(person=person).delete()
