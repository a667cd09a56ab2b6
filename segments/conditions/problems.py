"""What is wrong with a definition: where, as a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    """Such as `children[2].where.children[0].value`; the root is the empty text."""
    code: str
    message: str


class InvalidDefinition(ValueError):
    """A definition that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path or 'root'}: {p.message}" for p in self.problems))


LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    """Somebody's text inside a message: short, and always possible to send and to store."""
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1] + "…"
    return f"“{storable(text)}”"


def storable(text: str) -> str:
    return "".join("\ufffd" if is_unstorable(letter) else letter for letter in text)


def is_unstorable(text: str) -> bool:
    """With NUL or half of a surrogate pair: PostgreSQL stores neither."""
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def listed(words: Iterable[str], last: str = "or") -> str:
    """“a, b or c”."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
