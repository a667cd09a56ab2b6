"""Signatures as in Standard Webhooks (https://www.standardwebhooks.com), and the secrets they need.

Also within a day after another secret was made, the former one signs as well, so that a receiver
may change to the new one whenever it likes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from campaigns.channels.secrets import seal, unseal
from outbound.webhooks.models import Webhook

PREFIX: Final = "whsec_"
BYTES: Final = 32
BOTH_FOR: Final = timedelta(hours=24)
NAME: Final = "secret"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def sealed(secret: str) -> str:
    """As it is stored."""
    return seal({NAME: secret})


def secrets_of(webhook: Webhook, *, now: datetime) -> list[str]:
    """The newest first. Raises Unreadable when SECRET_KEY is another one than before."""
    found = [unseal(webhook.secret)[NAME]]
    if webhook.former_secret and webhook.former_until and webhook.former_until > now:
        found.append(unseal(webhook.former_secret)[NAME])
    return found


def signed_headers(
    *, message_id: str, body: bytes, keys: Sequence[str], now: datetime
) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    signatures = [_signature(key, message_id, timestamp, body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
