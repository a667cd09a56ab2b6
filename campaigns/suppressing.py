"""Addresses to which nothing more is sent: kept as digests, so that they outlive their contacts."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection, transaction

from campaigns.channels.models import Suppression
from segmentflow.audit.recording import record


def digest_of(address: str) -> str:
    """As SQL has it: encode(sha256(convert_to(lower(address), 'UTF8')), 'hex')."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def suppress(
    *, channel: str, address: str, why: Suppression.Why, at: datetime, detail: str = ""
) -> bool:
    """False: it was so already. `detail` is what the provider said, without the address."""
    if not address.strip():
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_suppression (channel, digest, why, at, detail)
            VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (channel, digest) DO NOTHING
            """,
            [channel, digest_of(address), why.value, at, detail.replace("\0", "")],
        )
        return bool(cursor.rowcount == 1)


@transaction.atomic
def allow_again(*, channel: str, address: str) -> bool:
    """False: it was not suppressed."""
    found = Suppression.objects.filter(channel=channel, digest=digest_of(address))
    is_allowed = bool(found.delete()[0])
    if is_allowed:
        record(action="allowed", kind="address", said=f"for {channel} again")
    return is_allowed


def suppressed(channel: str) -> dict[str, int]:
    """How many addresses, by why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT why, count(*) FROM campaigns_suppression WHERE channel = %s GROUP BY why",
            [channel],
        )
        return dict(cursor.fetchall())
