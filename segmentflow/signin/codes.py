"""Recovery codes: what they look like, and what of them is stored.

80 random bits each, so a plain digest cannot be turned back, as with API keys.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from typing import Final

HOW_MANY: Final = 10
BYTES: Final = 10
GROUP: Final = 4
MISREAD: Final = str.maketrans({"0": "o", "1": "l", "8": "b", "-": None, " ": None})
"""Base 32 has no 0, 1 and 8: whoever types one has misread it."""
LENGTH: Final = BYTES * 8 // 5


def new_codes() -> list[str]:
    return [_new_code() for _ in range(HOW_MANY)]


def _new_code() -> str:
    letters = b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normal(code: str) -> str:
    return code.strip().lower().translate(MISREAD)


def is_recovery_code(code: str) -> bool:
    """By its look: those of apps are six digits."""
    return len(normal(code)) == LENGTH


def digest(code: str) -> str:
    return hashlib.sha256(normal(code).encode()).hexdigest()
