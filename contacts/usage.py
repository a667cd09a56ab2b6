"""Who uses a field or an event type, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from contacts.problems import Conflict

Kind = Literal["field", "event"]


class Use(NamedTuple):
    """What uses something, and where it is shown."""

    name: str
    url: str
    is_draft: bool = False
    """A draft may name what is gone, and is mended when somebody goes on with it."""
    is_template: bool = False
    """A template says what it needs, and has it made anew when somebody begins with it."""

    @property
    def is_lasting(self) -> bool:
        """What it uses must neither be deleted nor archived."""
        return not (self.is_draft or self.is_template)


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


def uses_of(kind: Kind, key: str) -> list[Use]:
    """What uses it; it must be neither deleted nor archived while there is any."""
    return [use for use in uses_by_key(kind, [key]).get(key, []) if use.is_lasting]


def refuse_while_used(kind: Kind, key: str, *, label: str, done: str) -> None:
    """Raises Conflict with the names of everything that uses it."""
    if uses := uses_of(kind, key):
        names = ", ".join(f"“{use.name}”" for use in uses)
        raise Conflict(f"“{label}” is used by {names} and cannot be {done}.")
