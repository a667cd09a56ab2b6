"""The values of a contact as pages show them: in order, by type, with what is not set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast

from contacts.built_in import SHOWN, BuiltIn
from contacts.identities import identity_key
from contacts.models import Contact, Field, FieldTypes, Identity
from contacts.retyping.settling import readable
from contacts.rows import IDENTITIES
from contacts.values import instant

MOST_OTHERS = 20
BELOW = "attributes."
"""Before the key of an additional field, in its name."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class ShownValue:
    label: str
    kind: str
    """How it is drawn: text, number, boolean, date, datetime, list; empty when it is not set."""
    value: Any
    description: str = ""
    is_archived: bool = False
    name: str = ""
    """By which it can be edited (contacts/contact_form.py); empty when it cannot."""


def contact_with_values(contact_id: int) -> Contact | None:
    """With attributes whose numbers are exact."""
    found = Contact.objects.defer("attributes").annotate(exact=Cast("attributes", TextField()))
    contact = found.filter(pk=contact_id).first()
    if contact is not None:
        contact.attributes = readable()(_decode(contact.exact))
    return contact


def identities(contact: Contact) -> list[ShownValue]:
    """What the contact is known by."""
    return [_built_in(contact, field) for field in SHOWN if field.key in IDENTITIES]


def details(contact: Contact) -> list[ShownValue]:
    """What else every contact may have."""
    return [_built_in(contact, field) for field in SHOWN if field.key not in IDENTITIES]


def additional(contact: Contact) -> list[ShownValue]:
    """The fields that admins defined; an archived one only where it has a value."""
    return [
        ShownValue(
            str(field),
            *drawn(field.type, contact.attributes.get(field.key)),
            field.description,
            field.archived_at is not None,
            "" if field.archived_at else f"{BELOW}{field.key}",
        )
        for field in Field.objects.all()
        if field.archived_at is None or field.key in contact.attributes
    ]


@dataclass(frozen=True, slots=True)
class OtherNames:
    shown: list[Identity]
    more: int


def other_names(contact: Contact) -> OtherNames:
    """By what else it is found: anonymous ids, and names of those who were merged into it."""
    rows = Identity.objects.filter(contact=contact).order_by("kind", "value")
    main = {identity_key(kind, getattr(contact, kind)) for kind in IDENTITIES}
    others = [row for row in rows if (row.kind, row.value) not in main]
    return OtherNames(others[:MOST_OTHERS], max(0, len(others) - MOST_OTHERS))


def shown_value(contact: Contact, name: str) -> ShownValue | None:
    """One of them, by its name."""
    values = (*identities(contact), *details(contact), *additional(contact))
    return next((value for value in values if value.name == name), None)


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of two contacts who are to be one."""

    kept: ShownValue
    lost: ShownValue

    @property
    def is_taken(self) -> bool:
        return not self.kept.kind


def compared(keep: Contact, lose: Contact) -> list[Compared]:
    """The fields for which either has a value; what the kept one lacks is taken over."""
    return [
        Compared(kept, lost)
        for kept, lost in zip(_all(keep), _all(lose), strict=True)
        if kept.kind or lost.kind
    ]


def _all(contact: Contact) -> Iterator[ShownValue]:
    yield from (_built_in(contact, field) for field in SHOWN)
    for field in Field.objects.all():
        yield ShownValue(str(field), *drawn(field.type, contact.attributes.get(field.key)))


def _built_in(contact: Contact, field: BuiltIn) -> ShownValue:
    value = getattr(contact, field.key)
    return ShownValue(
        field.label, FieldTypes.TEXT if value else "", value, field.description, name=field.key
    )


def drawn(type_: str, value: Any) -> tuple[str, Any]:
    """How a stored value is drawn, and as what."""
    match type_, value:
        case _, None | "" | []:
            return "", None
        case FieldTypes.DATE, str():
            return FieldTypes.DATE, date.fromisoformat(value)
        case FieldTypes.DATETIME, str():
            at = instant(value)
            return (FieldTypes.DATETIME, at) if at else (FieldTypes.DATE, date.fromisoformat(value))
        case FieldTypes.NUMBER, Decimal():
            return FieldTypes.NUMBER, f"{value:f}"
        case _:
            return type_, value
