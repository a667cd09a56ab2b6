"""A file on its way to an address: once, whole, and with every ending in words."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from campaigns.channels.http import retry_after
from contacts.files.writing import TYPES
from outbound.exports.models import Export
from outbound.webhooks.addressing import allowed_here
from outbound.webhooks.outcome import said
from outbound.webhooks.posting import Answer, Poster, Request
from outbound.webhooks.signing import PREFIX

PIECE_SECONDS: Final = 60.0
"""A receiver may take so long for each piece of the file, and for its answer."""
SLOWEST: Final = 100_000
"""Bytes a second; one that is slower keeps a worker for too long."""
LONGEST_SECONDS: Final = 3_000.0
"""A task may take an hour."""
BITE: Final = 1024 * 1024
LONGEST_SAID: Final = 500


class Undelivered(Exception):
    """It did not arrive; `wait`: as long as the receiver asked for at least."""

    def __init__(self, said: str, wait: timedelta | None = None) -> None:
        super().__init__(said)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file with what its receiver is told of it."""

    path: Path
    name: str
    kind: str
    is_gzip: bool
    rows: int
    segment: str
    run_id: int


def send_file(parcel: Parcel, *, url: str, method: str, secret: str, now: datetime) -> str:
    """What the receiver answered. Raises Undelivered."""
    size = parcel.path.stat().st_size
    headers = {"Content-Type": content_type(parcel), "Content-Length": str(size)}
    if method == Export.Method.POST:
        headers |= _told(parcel) | _signed(parcel, secret, now=now)
    seconds = min(LONGEST_SECONDS, PIECE_SECONDS + size / SLOWEST)
    post = Poster(allowed_here(), seconds=seconds, piece_seconds=PIECE_SECONDS)
    with parcel.path.open("rb") as file:
        answer = post(Request(url=url, body=file, headers=headers, method=method))
    if answer.status is None or not 200 <= answer.status < 300:
        raise Undelivered(_words(answer), _wait(answer, now))
    return f"The receiver answered {answer.status}."


def content_type(parcel: Parcel) -> str:
    return "application/gzip" if parcel.is_gzip else TYPES[parcel.kind]


def _told(parcel: Parcel) -> dict[str, str]:
    return {
        "SegmentFlow-File": parcel.name,
        "SegmentFlow-Segment": parcel.segment,
        "SegmentFlow-Rows": str(parcel.rows),
    }


def _signed(parcel: Parcel, secret: str, *, now: datetime) -> dict[str, str]:
    """As webhooks are (outbound/webhooks/signing.py), of a body that is read piece by piece."""
    message_id, timestamp = f"export_{parcel.run_id}", str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode(), hashlib.sha256)
    with parcel.path.open("rb") as file:
        while piece := file.read(BITE):
            digest.update(piece)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest.digest()).decode(),
    }


def _words(answer: Answer) -> str:
    words = said(answer)
    return f"{words} It said: {answer.text[:LONGEST_SAID]}" if answer.text else words


def _wait(answer: Answer, now: datetime) -> timedelta | None:
    seconds = retry_after(answer.retry_after, now=now)
    return None if seconds is None else timedelta(seconds=seconds)
