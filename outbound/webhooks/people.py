"""What webhooks do with contacts that are erased or merged, and what is handed out of it.

Erased: nothing is told of them any more, also when a request that told of them is sent again; and
what receivers answered to such requests goes, for it may repeat what was sent. Merged: what is
still to be told is told of the kept contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db import connection

from contacts.changes import Change
from contacts.models import Contact
from contacts.personal import Section
from outbound.webhooks.models import WebhookMove
from segmentflow.api.rendering import as_text

BITE: Final = 500


def erase_moves(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM outbound_webhookmove WHERE contact_id = ANY(%s) RETURNING delivery_id
            )
            UPDATE outbound_webhookdelivery d SET answer = '', error = ''
            WHERE id IN (SELECT delivery_id FROM gone) AND (answer <> '' OR error <> '')
            """,
            [list(contact_ids)],
        )


def merge_moves(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbound_webhookmove SET contact_id = %s WHERE contact_id = %s", [keep, lose]
        )
    return []


def moves_foretold(_keep: int, _lose: int) -> list[str]:
    """Nobody would decide otherwise because of that."""
    return []


def read_moves(contact: Contact) -> Iterator[dict[str, Any]]:
    """What webhooks told others of them lately, and what they will."""
    found = WebhookMove.objects.filter(contact=contact).order_by("pk")
    rows = found.select_related("webhook", "segment", "delivery")
    for row in rows.iterator(chunk_size=BITE):
        delivery = row.delivery
        yield {
            "webhook": row.webhook.name,
            "url": row.webhook.url,
            "segment": row.segment.key,
            "moved": "entered" if row.entered else "left",
            "at": as_text(row.at),
            "state": delivery.get_state_display() if delivery else "Waiting",
            "tried_at": as_text(delivery.tried_at) if delivery and delivery.tried_at else None,
        }


TOLD: Final = Section("webhooks", read_moves, ("outbound.webhookmove",), ("outbound.view_webhook",))
