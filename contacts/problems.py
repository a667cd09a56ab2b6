"""What is wrong with sent data: where, as a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    """Such as `attributes.Birthday`; empty for the whole."""
    code: str
    message: str

    def below(self, path: str) -> Problem:
        """The same problem, seen from further outside."""
        return replace(self, path=f"{path}.{self.path}" if self.path else path)


class Refused(Exception):
    """What was asked for makes no sense, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class Conflict(Exception):
    """It makes sense, but not with what is stored."""


def quoted(text: str) -> str:
    """Somebody's text inside a message: short, and always possible to send and to store."""
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1] + "…"
    return f"“{text.replace(chr(0), chr(0xFFFD)).encode('utf-8', 'replace').decode()}”"
