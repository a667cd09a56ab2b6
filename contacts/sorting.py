"""The list of contacts in the order of a column, a page at a time by where it begins.

No index stands behind it: one for each field would make every import slower. PostgreSQL reads
all contacts of the list and keeps the first of them, 100,000 in a tenth of a second; the page
gives up when there are too many for that (views/listing.py). Without a column the newest
come first, by the primary key, at the same speed however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import DateTimeField, DecimalField, F, Field, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL

from contacts.columns import NAME, Column, Key
from contacts.models import Contact
from contacts.values import is_storable

FIELDS: Final[dict[Key, Field[Any, Any]]] = {
    Key.TEXT: TextField(),
    Key.NUMBER: DecimalField(),
    Key.TIME: DateTimeField(),
}
SHORTEST: Final = 100
"""Characters of a text that are compared; those that begin alike are in the order of their ids."""
LONGEST_CURSOR: Final = 700
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_DIGITS: Final = 300

NAME_SQL: Final = """COALESCE(
    NULLIF(btrim(contacts_contact.first_name || ' ' || contacts_contact.last_name), ''),
    NULLIF(contacts_contact.email, ''),
    NULLIF(contacts_contact.external_id, ''),
    NULLIF(contacts_contact.phone, '')
)"""
NUMBER_SQL: Final = """CASE jsonb_typeof(contacts_contact.attributes -> %s)
    WHEN 'number' THEN (contacts_contact.attributes ->> %s)::numeric END"""


@dataclass(frozen=True, slots=True)
class Order:
    column: Column
    is_descending: bool

    @property
    def name(self) -> str:
        """As the parameter `sort` has it."""
        return f"-{self.column.key}" if self.is_descending else self.column.key

    def after(
        self, found: QuerySet[Contact], cursor: str | None, *, backwards: bool
    ) -> QuerySet[Contact]:
        """Those behind the cursor, with `sort_key`; who has no value comes last in either order."""
        key = _key(self.column)
        found = found.annotate(sort_key=key)
        if (place := _place(self.column, cursor)) is not None:
            found = found.filter(self._beyond(*place, backwards=backwards))
        is_falling = self.is_descending != backwards
        by_key = (
            F("sort_key").desc(nulls_first=backwards or None, nulls_last=not backwards or None)
            if is_falling
            else F("sort_key").asc(nulls_first=backwards or None, nulls_last=not backwards or None)
        )
        return found.order_by(by_key, "-pk" if is_falling else "pk")

    def _beyond(self, pk: int, value: Any, *, backwards: bool) -> Q:
        way = "lt" if self.is_descending != backwards else "gt"
        further = Q(**{f"pk__{way}": pk})
        missing = Q(sort_key__isnull=True)
        if value is None:
            return (missing & further) | ~missing if backwards else missing & further
        beyond = Q(**{f"sort_key__{way}": value}) | (Q(sort_key=value) & further)
        return beyond if backwards else beyond | missing

    def cursor(self, contact: Contact) -> str:
        """Where the contact stands, for the address of a page."""
        value = contact.sort_key  # type: ignore[attr-defined] # an annotation
        return f"{contact.pk}" if value is None else f"{contact.pk}~{_text(value)}"


def order_of(sort: str, columns: list[Column]) -> Order | None:
    """What the parameter `sort` asks for; None for the newest first."""
    key = sort.removeprefix("-")
    for column in (NAME, *columns):
        if column.key == key and column.sorted_by is not None:
            return Order(column, sort.startswith("-"))
    return None


def _key(column: Column) -> RawSQL:
    assert column.sorted_by is not None  # noqa: S101 - order_of found one; for mypy
    field = FIELDS[column.sorted_by]
    if column.sorted_by == Key.TIME:
        return RawSQL(f"contacts_contact.{column.key}", [], field)  # noqa: S611 - values are bound
    if column.sorted_by == Key.NUMBER:
        return RawSQL(NUMBER_SQL, [column.field, column.field], field)  # noqa: S611 - values are bound
    if column.field:
        text, values = "contacts_contact.attributes ->> %s", [column.field]
    else:  # one of our own names, never somebody's text
        text = NAME_SQL if column == NAME else f"contacts_contact.{column.key}"
        values = []
    return RawSQL(f"NULLIF(lower(left({text}, {SHORTEST})), '')", values, field)  # noqa: S611 - values are bound


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return str((value - EPOCH) // timedelta(microseconds=1))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _place(column: Column, cursor: str | None) -> tuple[int, Any] | None:
    """Id and value of where a page begins; None for a cursor that makes no sense."""
    pk, has_value, text = (cursor or "").partition("~")
    if not pk.isascii() or not pk.isdecimal() or len(pk) > 18 or len(text) > LONGEST_CURSOR:
        return None
    if not has_value:
        return int(pk), None
    value = _value(column.sorted_by, text)
    return None if value is None else (int(pk), value)


def _value(key: Key | None, text: str) -> Any:
    if key == Key.TEXT:
        return text if is_storable(text) else None
    if len(text) > MOST_DIGITS:
        return None
    try:
        if key == Key.TIME:
            return EPOCH + timedelta(microseconds=int(text))
        number = Decimal(text)
        return number if number.is_finite() and abs(number.adjusted()) < MOST_DIGITS else None
    except (ArithmeticError, ValueError):
        return None
