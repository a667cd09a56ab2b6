"""What messages may say about contacts, read for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.db import connection

from campaigns.channels.handing import Browser
from campaigns.push.addresses import browsers_of
from campaigns.rendering.values import clean, field_value, moment
from contacts.models import Channel, Field
from contacts.retyping.settling import readable
from contacts.rows import BUILT_IN
from segmentflow.arrays import numbers
from segmentflow.clock import workspace_zone

_COLUMNS: Final = ", ".join(BUILT_IN)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a message may say about a contact."""

    contact_id: int
    external_id: str
    email: str
    phone: str
    fields: Mapping[str, Any]
    """What `{{ contact.… }}` can name: built-in and additional fields, by key, with typed values;
    those without a value are not in it."""
    browsers: tuple[Browser, ...] = ()
    """Only when they were asked for."""


def people_facts(contact_ids: Iterable[int], *, channel: str = "") -> dict[int, PersonFacts]:
    """Facts of those that still exist, in a few queries; with browsers for the channel push.

    Values of a field whose type is being changed are read in the new type.
    """
    ids = list(contact_ids)
    if not ids:
        return {}
    zone = workspace_zone()
    types = dict(Field.objects.filter(archived_at=None).values_list("key", "type"))
    browsers = browsers_of(ids) if channel == Channel.PUSH else {}
    read = readable()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, created_at, attributes::text, {_COLUMNS}
            FROM contacts_contact WHERE id = ANY(%s::bigint[])
            """,
            [numbers(ids)],
        )
        rows = cursor.fetchall()
    found = {}
    for contact_id, created_at, exact, *texts in rows:
        built_in = {key: clean(text) for key, text in zip(BUILT_IN, texts, strict=True) if text}
        found[contact_id] = PersonFacts(
            contact_id=contact_id,
            external_id=built_in.get("external_id", ""),
            email=built_in.get("email", ""),
            phone=built_in.get("phone", ""),
            fields={
                **_values(read(_decode(exact)), types, zone),
                **built_in,
                "id": contact_id,
                "created_at": moment(created_at, zone),
            },
            browsers=browsers.get(contact_id, ()),
        )
    return found


def _values(
    attributes: Mapping[str, Any], types: Mapping[str, str], zone: tzinfo
) -> dict[str, Any]:
    return {
        key: field_value(value, types[key], zone=zone)
        for key, value in attributes.items()
        if key in types
    }
