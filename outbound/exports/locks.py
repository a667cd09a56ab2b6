"""Who runs an export: one at a time, known by a lock that ends with its session."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from segmentflow.session_locks import alone

RUNNING: Final = 5331
"""First key of the two-key advisory locks; campaigns/delivery/lane.py and others have those below."""
KEYS: Final = 2**31 - 1


def alone_with(export_id: int) -> AbstractContextManager[int | None]:
    """None: somebody else is running it."""
    return alone((RUNNING, export_id % KEYS))
