"""From when on the log of who entered and left is whole."""

from __future__ import annotations

from datetime import datetime


def logged_since() -> datetime | None:
    """None: nothing of it was ever erased."""
    return None
