"""The key pair by which push services know this installation (VAPID, RFC 8292): made once.

Browsers subscribe with its public half, and take messages from nobody else afterwards.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from campaigns.channels.secrets import seal, unseal
from campaigns.push.models import PushKey

NAME: Final = "private"


def public_key(*, now: datetime) -> str:
    """In base64url, as browsers take it; made now when there is none yet."""
    return _row(now).public


def signing_key(*, now: datetime) -> Vapid02:
    """Raises Unreadable when SECRET_KEY is another one than when the pair was made."""
    return Vapid02.from_raw(unseal(_row(now).private)[NAME].encode())


def _row(now: datetime) -> PushKey:
    if found := PushKey.objects.first():
        return found
    private = ec.generate_private_key(ec.SECP256R1())
    number = private.private_numbers().private_value.to_bytes(32, "big")
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # Who comes second gets the pair of who was first.
    row, _ = PushKey.objects.get_or_create(
        pk=1,
        defaults={
            "public": encoded(point),
            "private": seal({NAME: encoded(number)}),
            "created_at": now,
        },
    )
    return row


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
