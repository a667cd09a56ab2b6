"""Checks the members of a JSON object one by one, so that every problem is reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from contacts.problems import Problem, Refused, quoted
from contacts.values import named, wrong_text

Check = Callable[[object], str | None]
"""A sentence about what is wrong with a value; None when nothing is."""

LONGEST_LABEL: Final = 100


def read_members(
    raw: object, checks: Mapping[str, Check], *, required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The object, when it has all that is required and nothing that is unknown or wrong."""
    if not isinstance(raw, dict):
        raise Refused([Problem("", "wrong_type", f"The body is an object, not {named(raw)}.")])
    problems = list(_problems(raw, checks, required))
    if problems:
        raise Refused(problems)
    return raw


def _problems(
    raw: Mapping[str, Any], checks: Mapping[str, Check], required: tuple[str, ...]
) -> Iterator[Problem]:
    for key in required:
        if key not in raw:
            yield Problem(key, "required", f"“{key}” is missing.")
    for key, value in raw.items():
        if key not in checks:
            yield Problem(quoted(key)[1:-1], "unknown_key", f"There is no {quoted(key)} here.")
        elif wrong := checks[key](value):
            yield Problem(key, "wrong_type", wrong)


def wrong_label(value: object) -> str | None:
    return wrong_text(value, LONGEST_LABEL)


def wrong_flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "Here true or false is wanted."
