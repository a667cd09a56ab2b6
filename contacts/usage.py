"""Who uses a field or an event type, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Kind = Literal["field", "event"]
Answerer = Callable[[str, str], list[str]]

_answerers: list[Answerer] = []


def on_ask(answerer: Answerer) -> None:
    """Have `answerer` name what uses the field or event type with a key: (kind, key) -> names."""
    if answerer not in _answerers:
        _answerers.append(answerer)


def uses_of(kind: Kind, key: str) -> list[str]:
    """The names of everything that uses it, in order; it must not be deleted while there are any."""
    return sorted({name for answerer in _answerers for name in answerer(kind, key)})
