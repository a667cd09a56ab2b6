"""Reads about contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from contacts.identities import find_owners, identity_key
from contacts.models import Contact
from contacts.retyping.settling import readable
from contacts.rows import BUILT_IN, IDENTITIES
from contacts.selecting import Selection

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def contact_by_id(contact_id: int) -> dict[str, Any] | None:
    """A contact as data, with exact numbers."""
    return next(iter(_as_data(Contact.objects.filter(pk=contact_id))), None)


def contacts_after(
    contact_id: int, *, limit: int, selection: Selection, by: Mapping[str, str] = NOTHING
) -> list[dict[str, Any]]:
    """One page in the order of ids; `by`: identities, all must fit."""
    found = selection.contacts().filter(pk__gt=contact_id)
    for kind in IDENTITIES:
        if kind in by:
            key = identity_key(kind, by[kind])
            found = found.filter(pk__in=find_owners([key]).values())
    return list(_as_data(found.order_by("pk")[:limit]))


def newest_contacts(
    *, selection: Selection, before: int | None = None, after: int | None = None, limit: int
) -> list[int]:
    """Ids lower than one, the newest first; or higher than one, the oldest first."""
    found = selection.contacts().values_list("pk", flat=True)
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("pk")[:limit])
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def contacts_in_order(ids: Sequence[int], *, with_attributes: bool) -> list[Contact]:
    """These, as they are asked for, those that have gone left out; numbers of attributes are exact."""
    found = Contact.objects.defer("attributes").filter(pk__in=ids)
    if with_attributes:
        found = found.annotate(exact=Cast("attributes", TextField()))
    known = {contact.pk: contact for contact in found}
    contacts = [known[pk] for pk in ids if pk in known]
    if with_attributes:
        for contact in contacts:
            contact.attributes = _decode(contact.exact)  # type: ignore[attr-defined]
    return contacts


def _as_data(found: QuerySet[Contact]) -> Iterable[dict[str, Any]]:
    rows = found.annotate(exact=Cast("attributes", TextField())).values(
        "id", *BUILT_IN, "exact", "created_at", "updated_at"
    )
    read = readable()
    for row in rows:
        attributes = read(_decode(row.pop("exact")))
        times = {name: row.pop(name) for name in ("created_at", "updated_at")}
        yield {**row, "attributes": attributes, **times}
