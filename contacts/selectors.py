"""Reads about contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from contacts.identities import find_owners, identity_key
from contacts.models import Contact
from contacts.narrowing import narrowers
from contacts.rows import BUILT_IN, IDENTITIES
from contacts.search import contacts_found

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def contact_by_id(contact_id: int) -> dict[str, Any] | None:
    """A contact as data, with exact numbers."""
    return next(iter(_as_data(Contact.objects.filter(pk=contact_id))), None)


def contacts_after(
    contact_id: int, *, limit: int, search: str = "", by: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One page in the order of ids; `by`: identities and what narrowers know, all must fit."""
    found = contacts_found(search).filter(pk__gt=contact_id)
    for kind in IDENTITIES:
        if kind in by:
            key = identity_key(kind, by[kind])
            found = found.filter(pk__in=find_owners([key]).values())
    return list(_as_data(_narrowed(found, by).order_by("pk")[:limit]))


def newest_contacts(
    *,
    words: str,
    by: Mapping[str, str],
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[Contact]:
    """Those with lower ids than one, the newest first; or after one, the oldest first."""
    found = _narrowed(contacts_found(words).defer("attributes"), by)
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("pk")[:limit])
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def _narrowed(found: QuerySet[Contact], by: Mapping[str, str]) -> QuerySet[Contact]:
    for parameter, narrower in narrowers().items():
        if parameter in by:
            found = found.filter(pk__in=narrower(by[parameter]))
    return found


def _as_data(found: QuerySet[Contact]) -> Iterable[dict[str, Any]]:
    rows = found.annotate(exact=Cast("attributes", TextField())).values(
        "id", *BUILT_IN, "exact", "created_at", "updated_at"
    )
    for row in rows:
        attributes = _decode(row.pop("exact"))
        times = {name: row.pop(name) for name in ("created_at", "updated_at")}
        yield {**row, "attributes": attributes, **times}
