"""One task sends at a time, so that no webhook has two senders; the lock ends with its worker."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from segmentflow.session_locks import alone

SENDING: Final = (5321, 0)
"""Of the two-key advisory locks; campaigns/delivery/lane.py and others have those below."""


def lane() -> AbstractContextManager[int | None]:
    """Be the one who sends; None: somebody else is."""
    return alone(SENDING)
