"""Reads JSON value by value, remembers where each stands and collects what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches

from segments.conditions.catalog import Catalog
from segments.conditions.operators import MAX_CONDITIONS
from segments.conditions.problems import Problem, is_unstorable, listed, quoted, storable

MOST_PROBLEMS = 1_000
"""Reading stops there: nobody mends more at once, and a hostile definition could have millions."""


class Enough(Exception):
    """There is no use in reading on."""


@dataclass(slots=True)
class Reading:
    """One definition being read."""

    catalog: Catalog
    problems: list[Problem] = field(default_factory=list)
    conditions: int = 0
    references_above: int | None = None
    """How many segments in a row refer to the one being defined; None until it is needed."""

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            raise Enough

    def count_condition(self) -> None:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            message = f"A definition has at most {MAX_CONDITIONS} conditions; this one has more."
            self.report(Problem("", "too_many_conditions", message))
            raise Enough


@dataclass(frozen=True, slots=True)
class Place:
    """A JSON value and where it stands.

    A reader takes a place (or None, when what it should read is missing and that has been
    reported) and gives what it means, or None when it has reported a problem.
    """

    value: object
    path: str
    reading: Reading

    @property
    def catalog(self) -> Catalog:
        return self.reading.catalog

    def problem(self, code: str, message: str) -> None:
        self.reading.report(Problem(self.path, code, message))

    def at(self, key: str, value: object = None) -> Place:
        path = f"{self.path}.{key}" if self.path else key
        return Place(value, path, self.reading)

    def items(self) -> list[Place]:
        assert isinstance(self.value, list)  # noqa: S101 (the caller has seen it; for mypy)
        return [
            Place(value, f"{self.path}[{index}]", self.reading)
            for index, value in enumerate(self.value)
        ]

    def members(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Place]:
        """What an object holds; whatever is missing or unknown is reported."""
        if not isinstance(self.value, dict):
            self.wanted("an object")
            return {}
        known = (*required, *optional)
        for key in self.value:
            if key not in known:
                self._unknown(key, known)
        for key in required:
            if key not in self.value:
                self.at(key).problem("required", f"“{key}” is missing.")
        return {key: self.at(key, self.value[key]) for key in known if key in self.value}

    def wanted(self, what: str) -> None:
        self.problem("wrong_type", f"Here {what} is wanted, not {described(self.value)}.")

    def choice(self, choices: Sequence[str], code: str, what: str) -> str | None:
        """One of a few words."""
        if not isinstance(self.value, str):
            self.wanted(f"one of {listed(choices)}")
            return None
        if self.value in choices:
            return self.value
        near = did_you_mean(self.value, choices) or f" Use {listed(choices)}."
        self.problem(code, f"{quoted(self.value)} is no {what}.{near}")
        return None

    def flag(self) -> bool | None:
        if isinstance(self.value, bool):
            return self.value
        self.wanted("true or false")
        return None

    def text(self, *, most: int | None = None, may_be_empty: bool = False) -> str | None:
        value = self.value
        if not isinstance(value, str):
            self.wanted("a text")
        elif is_unstorable(value):
            self.problem("invalid_text", "This text holds a character that cannot be stored.")
        elif not value and not may_be_empty:
            self.problem("empty", "Here a text is wanted, and this one is empty.")
        elif most is not None and len(value) > most:
            self.problem("too_long", f"This text has {len(value)} characters; {most} are allowed.")
        else:
            return value
        return None

    def _unknown(self, key: object, known: Sequence[str]) -> None:
        if not isinstance(key, str):
            self.problem("unknown_key", "The names in an object are texts.")
            return
        near = did_you_mean(key, known) or f" Known here: {listed(known, 'and')}."
        place = self.at(storable(key[:100]))
        place.problem("unknown_key", f"{quoted(key)} means nothing here.{near}")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word[:100], known, n=1, cutoff=0.75)
    return f" Did you mean “{near[0]}”?" if near else ""


def described(value: object) -> str:
    """What somebody gave, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {quoted(value)}"
        case int() | float() | Decimal():
            return "a number"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return "something that is not JSON"
