"""Passwords and keys of those who send for us: encrypted where they are stored.

The key comes from SECRET_KEY, so that a copy of the database alone tells nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"segmentflow secrets of ways"


class Unreadable(Exception):
    """They were stored under another SECRET_KEY, or are damaged."""


def seal(values: Mapping[str, str]) -> str:
    """None of them: the empty text."""
    if not values:
        return ""
    return _fernet().encrypt(json.dumps(dict(values)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    if not sealed:
        return {}
    try:
        opened = json.loads(_fernet().decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        raise Unreadable from None
    if not isinstance(opened, dict):
        raise Unreadable
    return {str(key): str(value) for key, value in opened.items()}


def is_sealed_anew(sealed: str) -> bool:
    """Whether SECRET_KEY alone can read it, and no key from before is needed."""
    try:
        _derived(settings.SECRET_KEY).decrypt(sealed.encode())
    except (InvalidToken, ValueError):
        return not sealed
    return True


def _fernet() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_derived(str(key)) for key in keys])


@cache
def _derived(secret_key: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(base64.urlsafe_b64encode(key.derive(secret_key.encode())))
