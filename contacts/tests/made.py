"""Small things that tests need many of, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.fields import create_field
from contacts.models import Contact, Field
from contacts.rows import BUILT_IN, ContactRow
from contacts.services import upsert_contacts

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/contacts?q=a"}


def make_contact(external_id: str = "u1", **values: Any) -> Contact:
    """Built-in values by their names, any other as an additional field."""
    built_in = {key: value for key, value in values.items() if key in BUILT_IN}
    others = {key: value for key, value in values.items() if key not in BUILT_IN}
    row = ContactRow(built_in={"external_id": external_id, **built_in}, attributes=others)
    result = upsert_contacts(rows=[row], now=NOW)
    [contact_id] = result.contact_ids
    assert contact_id is not None, result.errors
    return Contact.objects.get(pk=contact_id)


def make_field(key: str = "tier", type_: str = "text", **values: Any) -> Field:
    return create_field(raw={"key": key, "type": type_, **values}, now=NOW)


def queries_of(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        call()
        return len(seen)
