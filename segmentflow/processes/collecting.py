"""Garbage collection for processes that work on thousands of rows at a time.

Rows make no cycles, but there are so many of them that Python would look for some again and again,
through everything that was ever loaded: a third of the time of an import.
"""

from __future__ import annotations

import gc
from typing import Final

SELDOM: Final = 50_000
"""New objects before the youngest are looked through."""


def spare_what_is_loaded() -> None:
    """Before the workers are forked: what is there by now stays, and need not be looked through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
