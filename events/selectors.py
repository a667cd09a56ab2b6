"""Reads about events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def events_of_contact(
    *, contact_id: int, before: tuple[datetime, str] | None, limit: int
) -> Iterator[dict[str, Any]]:
    """One page, newest first: those before a time and message id."""
    earlier = "AND (e.occurred_at, e.message_id) < (%s, %s)" if before else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT e.message_id, t.key AS type, e.occurred_at, e.received_at,
                e.attributes::text AS attributes
            FROM events_event e JOIN events_eventtype t ON t.id = e.type_id
            WHERE e.contact_id = %s {earlier}
            ORDER BY e.occurred_at DESC, e.message_id DESC
            LIMIT %s
            """,
            [contact_id, *(before or ()), limit],
        )
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            yield {**row, "attributes": _decode(row["attributes"])}
