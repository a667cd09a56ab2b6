"""Who uses a field or an event type, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

Kind = Literal["field", "event"]


class Use(NamedTuple):
    """What uses something, and where it is shown."""

    name: str
    url: str
    is_draft: bool = False
    """A draft may name what is gone, and is mended when somebody goes on with it."""


Answerer = Callable[[Kind, Sequence[str]], Mapping[str, Sequence[Use]]]

_answerers: list[Answerer] = []


def on_ask(answerer: Answerer) -> None:
    """Have `answerer` say what uses the fields or event types with some keys, by key."""
    if answerer not in _answerers:
        _answerers.append(answerer)


def uses_by_key(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    """Everything that uses each of them, by name; keys that nothing uses are left out."""
    found: dict[str, set[Use]] = {}
    for answerer in _answerers:
        for key, uses in answerer(kind, keys).items():
            found.setdefault(key, set()).update(uses)
    return {key: sorted(uses) for key, uses in found.items() if uses}


def uses_of(kind: Kind, key: str) -> list[str]:
    """The names of everything that uses it; it must not be deleted while there are any."""
    return [use.name for use in uses_by_key(kind, [key]).get(key, []) if not use.is_draft]
