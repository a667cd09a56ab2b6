"""When something is sent again: later and later, for a day."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import Final

from campaigns.channels.http import retry_after

SECONDS: Final = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
"""After each failure in a row; the last one over and over."""
SPREAD: Final = 0.2
"""Up to so much more, so that what failed together does not come together."""
TRIED_FOR: Final = timedelta(hours=24)
OPEN_AFTER: Final = 5
"""So many failures in a row open the circuit: the receiver counts as broken."""


def pause_after(failures: int, *, key: str, asked: str = "", now: datetime) -> timedelta:
    """How long to wait after so many failures in a row.

    `key`: whatever two of them differ by. `asked`: the header Retry-After, which may only make it
    longer.
    """
    chance = zlib.crc32(f"{key} {failures}".encode()) / 2**32
    usual = SECONDS[min(max(failures, 1), len(SECONDS)) - 1]
    return timedelta(seconds=max(usual * (1 + SPREAD * chance), retry_after(asked, now=now) or 0))


def is_open(failures: int) -> bool:
    return failures >= OPEN_AFTER
