"""Attributes of events as people read them: flat, short, whatever was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from segmentflow.api.bodies import encode_json

LONGEST = 160
"""Characters of one value, or of its name."""
MOST = 60
"""Attributes of one event; more are counted."""


class Attribute(NamedTuple):
    path: str
    text: str


def readable(
    attributes: Mapping[str, Any], *, without: str = "", first: Sequence[str] = ()
) -> tuple[list[Attribute], int]:
    """Each value with its path, objects resolved, and how many more there are.

    `without`: the path of one that is shown elsewhere; `first`: those that tell most.
    """
    found = [Attribute(*pair) for pair in _pairs(attributes) if pair[0] != without]
    found.sort(key=lambda one: first.index(one.path) if one.path in first else len(first))
    shown = [Attribute(_short(path), _short(text)) for path, text in found[:MOST]]
    return shown, len(found) - len(shown)


def _pairs(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    waiting = [(key, value) for key, value in reversed(list(attributes.items()))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            waiting += [(f"{path}.{key}", inner) for key, inner in reversed(list(value.items()))]
        else:
            yield path, _text(value)


def _text(value: object) -> str:
    match value:
        case str():
            return value or "“”"
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() if not any(isinstance(item, list | dict) for item in value):
            return ", ".join(_text(item) for item in value) or "–"
        case _:
            return encode_json(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
