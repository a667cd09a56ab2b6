"""The body of a request: the moves that one delivery tells of, with what is known of each contact now.

It is written anew each time the delivery is sent, so that no copy of what is known about people
lies here, and erased contacts are in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from contacts.models import Contact
from outbound.webhooks.fields import BUILT_IN, told_of
from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove
from segmentflow.api.bodies import encode_json
from segmentflow.api.rendering import as_text
from segments.models import Segment

MOVES: Final = "segment.moves"
TEST: Final = "segment.test"


def body_of(delivery: WebhookDelivery, webhook: Webhook) -> bytes | None:
    """None: nothing is left to tell."""
    if delivery.is_test:
        return _encoded(TEST, webhook, delivery.made_at, [_invented(webhook, delivery.made_at)])
    moves = list(WebhookMove.objects.filter(delivery=delivery).order_by("pk"))
    contacts = {
        row["id"]: row
        for row in Contact.objects.filter(pk__in={move.contact_id for move in moves}).values(
            "id", "attributes", *BUILT_IN
        )
    }
    segments = Segment.objects.in_bulk({move.segment_id for move in moves})
    told = [
        _move(move, segments[move.segment_id], told_of(contact, webhook.fields))
        for move in moves
        if (contact := contacts.get(move.contact_id)) and move.segment_id in segments
    ]
    return _encoded(MOVES, webhook, delivery.made_at, told) if told else None


def _encoded(type_: str, webhook: Webhook, at: datetime, moves: list[dict[str, Any]]) -> bytes:
    return encode_json(
        {
            "type": type_,
            "timestamp": as_text(at),
            "webhook": {"id": webhook.pk, "name": webhook.name},
            "moves": moves,
        }
    ).encode()


def _move(move: WebhookMove, segment: Segment, contact: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": move.seq,
        "segment": {"key": segment.key, "name": segment.name},
        "contact": contact,
        "entered": move.entered,
        "at": as_text(move.at),
        "cause": move.cause,
    }


def _invented(webhook: Webhook, at: datetime) -> dict[str, Any]:
    """About nobody, and complete all the same."""
    contact: Mapping[str, Any] = {
        **dict.fromkeys(BUILT_IN, ""),
        "id": 0,
        "attributes": {},
        "external_id": "test-contact",
        "email": "test@example.com",
        "first_name": "Test",
    }
    segment = webhook.chosen.select_related("segment").order_by("segment__key").first()
    known = segment.segment if segment else Segment(key="test-segment", name="Test segment")
    return {
        "id": 0,
        "segment": {"key": known.key, "name": known.name},
        "contact": told_of(contact, webhook.fields),
        "entered": webhook.on_entering,
        "at": as_text(at),
        "cause": {"kind": "test"},
    }
