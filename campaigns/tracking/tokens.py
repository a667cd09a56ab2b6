"""Signed tokens in the addresses of messages: whose message it is, and what the address is for.

A token is a payload and a signature, in base64url without padding. The payload is one byte for
the kind and the version, and the three numbers of the message's key, each as short as it can
be; a test has none. The signature is HMAC-SHA256 over the payload and whatever else must not
change (a link's destination), cut to 16 bytes. Its key is derived from SECRET_KEY; keys in
SECRET_KEY_FALLBACKS are still read, so that the links of sent messages outlive a new key.

Tokens do not expire: who finds an old message must still be able to unsubscribe.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from django.conf import settings

from campaigns.keys import MessageKey

PURPOSE: Final = b"segmentflow.campaigns.tracking.1"
SIGNATURE: Final = 16
"""Bytes."""
LONGEST: Final = 128
"""Characters; a real one has about 35."""
LARGEST: Final = 2**63 - 1

_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")
_TEST = 0x80


class Kind(IntEnum):
    """What a token is good for; its signature is worth nothing for anything else."""

    OPEN = 1
    CLICK = 2
    UNSUBSCRIBE = 3


class Signed(NamedTuple):
    """What a token of ours says."""

    key: MessageKey | None
    """None: a test or a preview, which counts nowhere."""


def sign(kind: Kind, key: MessageKey | None, extra: str = "") -> str:
    """A token; `extra` has to be told again when it is read."""
    payload = _payload(kind, key)
    return _encode(payload + _signature(_secret(settings.SECRET_KEY), payload, extra))


def read(kind: Kind, token: str, extra: str = "") -> Signed | None:
    """What the token says; None for any that we did not make for this, however it differs."""
    raw = _decode(token)
    if raw is None or len(raw) <= SIGNATURE:
        return None
    payload, signature = raw[:-SIGNATURE], raw[-SIGNATURE:]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    right = [
        hmac.compare_digest(signature, _signature(_secret(secret), payload, extra))
        for secret in secrets
    ]
    if not any(right) or payload[0] & ~_TEST != kind:
        return None
    return Signed(_key(payload))


def _payload(kind: Kind, key: MessageKey | None) -> bytes:
    if key is None:
        return bytes([kind | _TEST])
    return bytes([kind]) + b"".join(_number(part) for part in key)


def _number(value: int) -> bytes:
    """Seven bits to a byte, the lowest first; the last byte has its highest bit clear."""
    if not 0 <= value <= LARGEST:
        raise ValueError(f"{value} cannot be in a token")
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _key(payload: bytes) -> MessageKey | None:
    """Of a payload that we signed."""
    if payload[0] & _TEST:
        return None
    numbers, value, shift = [], 0, 0
    for byte in payload[1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return MessageKey(*numbers)


@lru_cache(maxsize=8)
def _secret(secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), PURPOSE, hashlib.sha256)


def _signature(secret: bytes, payload: bytes, extra: str) -> bytes:
    """The payload tells itself where it ends, so nothing can move over to `extra`."""
    said = payload + extra.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, said, hashlib.sha256)[:SIGNATURE]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(token: str) -> bytes | None:
    """Only what `_encode` writes: no other alphabet, no idle bits."""
    if not 0 < len(token) <= LONGEST or len(token) % 4 == 1 or not _ALPHABET.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return raw if _encode(raw) == token else None
