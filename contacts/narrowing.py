"""Lists of contacts narrowed by what this app knows nothing of, such as segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

Narrower = Callable[[str], QuerySet[Any, Any]]
"""From what was asked for to the ids of the contacts, as a subquery."""

_narrowers: dict[str, Narrower] = {}


def on_narrow(parameter: str, narrower: Narrower) -> None:
    """Have `narrower` say which contacts a parameter of the list leaves."""
    _narrowers[parameter] = narrower


def narrowers() -> dict[str, Narrower]:
    return dict(_narrowers)
