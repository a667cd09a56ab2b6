"""When something is tried again: later and later, and not everything at once."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Final

from campaigns.keys import MessageKey

MINUTES: Final = (1, 4, 16, 60, 180, 480, 720)
"""After each attempt; about a day in all."""
MOST_ATTEMPTS: Final = len(MINUTES) + 1
SPREAD: Final = 0.2
"""Up to so much more, so that what failed together does not come together."""
FIRST_SECONDS: Final = 15
LONGEST_SECONDS: Final = 900


def pause_after(
    attempts: int, *, key: MessageKey, wait_seconds: float | None = None
) -> timedelta | None:
    """How long to wait after so many attempts at a message; None: it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    chance = zlib.crc32(repr((*key, attempts)).encode()) / 2**32
    seconds = 60 * MINUTES[max(attempts, 1) - 1] * (1 + SPREAD * chance)
    return timedelta(seconds=max(seconds, min(wait_seconds or 0, 86_400)))


def pause_for_everybody(failures: int) -> timedelta:
    """The same for a server that cannot be reached, a wrong password and the like; never given up."""
    doubled = FIRST_SECONDS * 2 ** min(failures - 1, 20)
    return timedelta(seconds=min(doubled, LONGEST_SECONDS))
