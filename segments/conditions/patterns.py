"""Checks regular expressions: only what PostgreSQL and Python both have, meaning the same.

Literals, `.`, classes, `* + ? {m,n}`, groups, `|`, `^`, `$`, `\\d \\w \\s`, and a backslash
before any sign that is neither letter nor digit.
"""

from __future__ import annotations

from dataclasses import dataclass

from segments.conditions.operators import MAX_PATTERN
from segments.conditions.problems import quoted

MOST_REPEATS = 255
"""Of one piece; PostgreSQL's own limit."""
MOST_PIECES = 1_000
"""Of the whole pattern with its repetitions written out."""
MOST_IN_GROUPS = 300
"""Of those in repeated groups: with more, `(a?){255}` takes PostgreSQL seconds to prepare."""
CLASS_ESCAPES = "dws"


class BadPattern(Exception):
    """Says what in a pattern cannot be used."""


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a pattern, as a sentence; None when it can be used."""
    if len(pattern) > MAX_PATTERN:
        return f"A pattern has at most {MAX_PATTERN} characters; this one has {len(pattern)}."
    try:
        _Checker(pattern).check()
    except BadPattern as problem:
        return str(problem)
    return None


class _Checker:
    """Walks once through a pattern."""

    def __init__(self, pattern: str) -> None:
        self._signs = _Signs(pattern)
        self._sizes = [0]
        """Pieces so far, repetitions written out: of the pattern, then of each open group."""
        self._in_groups = 0
        self._last = _Piece(0)

    def check(self) -> None:
        while self._signs.peek():
            self._read(self._signs.take())
        if len(self._sizes) > 1:
            raise BadPattern("A parenthesis “(” is never closed.")

    def _read(self, sign: str) -> None:
        match sign:
            case "(":
                self._open_group()
            case ")":
                self._close_group()
            case "|" | "^" | "$":
                self._last = _Piece(0)
            case "*" | "+" | "?":
                self._repeat(sign, 1)
            case "{":
                self._repeat(*_counts(self._signs))
            case "]" | "}":
                raise BadPattern(f"For the character “{sign}” itself write \\{sign}.")
            case _:
                if sign == "[":
                    _check_class(self._signs)
                elif sign == "\\":
                    _escaped(self._signs)
                self._last = _Piece(1)
                self._add(self._last)

    def _add(self, piece: _Piece, times: int = 1) -> None:
        self._sizes[-1] += piece.size * times
        if piece.is_group and times > 1:
            self._in_groups += piece.size * times
        if self._sizes[-1] > MOST_PIECES or self._in_groups > MOST_IN_GROUPS:
            raise BadPattern("This repeats too much; use smaller numbers in {…}.")

    def _open_group(self) -> None:
        if self._signs.peek() == "?":
            raise BadPattern("“(?” cannot be used: no look-ahead, look-behind, options or names.")
        self._sizes.append(0)
        self._last = _Piece(0)

    def _close_group(self) -> None:
        if len(self._sizes) == 1:
            raise BadPattern("A parenthesis “)” was never opened.")
        self._last = _Piece(max(self._sizes.pop(), 1), is_group=True)
        self._add(self._last)

    def _repeat(self, sign: str, times: int) -> None:
        if not self._last.size:
            raise BadPattern(f"“{sign}” has nothing before it that it could repeat.")
        if (following := self._signs.peek()) and following in "?+*":
            raise BadPattern(
                f"“{sign}{following}” cannot be used:"
                " no lazy or possessive repetition, and none of a repetition."
            )
        if times > 1:
            self._add(self._last, times)
        self._last = _Piece(0)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a repetition would repeat."""

    size: int
    """In pieces; 0 for what cannot be repeated."""
    is_group: bool = False


class _Signs:
    """The characters of a pattern, one after the other."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        """The character to come; empty at the end."""
        return self._pattern[self._at + ahead : self._at + ahead + 1]

    def take(self) -> str:
        sign = self._pattern[self._at]
        self._at += 1
        return sign

    def take_until(self, end: str) -> str | None:
        """What stands before the next `end`, which is taken too; None when there is none."""
        found = self._pattern.find(end, self._at)
        if found < 0:
            return None
        text = self._pattern[self._at : found]
        self._at = found + 1
        return text


def _counts(signs: _Signs) -> tuple[str, int]:
    """`{3,5}`, from after the opening brace: as written, and the most repetitions."""
    text = signs.take_until("}") or ""
    least, _comma, most = text.partition(",")
    if not _is_count(least) or not (most == "" or _is_count(most)):
        raise BadPattern("Write {3}, {3,} or {3,5}; for the character “{” itself write \\{.")
    times = int(most or least)
    if not int(least) <= times <= MOST_REPEATS:
        raise BadPattern(f"“{{{text}}}” must go from less to more, up to {MOST_REPEATS}.")
    return f"{{{text}}}", times


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _escaped(signs: _Signs) -> str:
    """What stands after a backslash: a class such as \\d, or a literal sign."""
    if not signs.peek():
        raise BadPattern("A pattern cannot end in a single backslash.")
    sign = signs.take()
    if sign in CLASS_ESCAPES or (" " <= sign <= "~" and not sign.isalnum()):
        return sign
    if sign in CLASS_ESCAPES.upper():
        raise BadPattern(f"“\\{sign}” cannot be used; write [^\\{sign.lower()}].")
    if sign.isdigit():
        raise BadPattern(f"“\\{sign}” cannot be used: no references back to a group.")
    raise BadPattern(f"{quoted(chr(92) + sign)} cannot be used; there are \\d, \\w and \\s.")


def _check_class(signs: _Signs) -> None:
    """`[a-z_]`, from after the opening bracket."""
    if signs.peek() == "^":
        signs.take()
    if signs.peek() == "]":
        raise BadPattern("“[]” holds nothing; for the character “]” itself write \\].")
    is_first = True
    while signs.peek() != "]":
        if not signs.peek():
            raise BadPattern("A bracket “[” is never closed.")
        _check_range(signs, is_first=is_first)
        is_first = False
    signs.take()


def _check_range(signs: _Signs, *, is_first: bool) -> None:
    """One character of a class, a class within it, or a range such as a-z."""
    start = _class_item(signs, may_be_dash=is_first)
    if signs.peek() != "-" or signs.peek(1) in ("]", ""):
        return
    signs.take()
    end = _class_item(signs, may_be_dash=False)
    if start is None or end is None:
        raise BadPattern("A range such as a-z goes from one character to another.")
    if start > end:
        raise BadPattern(f"The range “{start}-{end}” goes backwards.")
    if _changes(start) != _changes(end) or start.lower() > end.lower():
        # Patterns are lower-cased to disregard case; [Z-a] would then go backwards.
        raise BadPattern(f"Split the range “{start}-{end}” into small and capital letters.")


def _changes(sign: str) -> bool:
    return sign.lower() != sign


def _class_item(signs: _Signs, *, may_be_dash: bool) -> str | None:
    """A literal character; None for a class such as \\d."""
    sign = signs.take()
    if sign == "[":
        raise BadPattern("Inside […] write \\[ for “[”; classes like [:alpha:] cannot be used.")
    if sign == "-" and not may_be_dash and signs.peek() != "]":
        raise BadPattern("Inside […] write \\- for “-”, or put it first or last.")
    if sign in "&|~" and signs.peek() == sign:
        raise BadPattern(f"Inside […] write “{sign}” once.")
    if sign != "\\":
        return sign
    escaped = _escaped(signs)
    return None if escaped in CLASS_ESCAPES else escaped
