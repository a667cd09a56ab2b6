"""Values as the log keeps them: plain, short, storable, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

CHANGED: Final = "(changed)"
"""Instead of a secret, before and after."""
LONGEST_TEXT: Final = 500
MOST_ITEMS: Final = 200
DEEPEST: Final = 12
SECRETS = re.compile(
    r"passw|secret|token|private_?key|credential|api_?key|sealed|signature|authorization",
    re.IGNORECASE,
)


URL = re.compile(r"\b(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)[?#]\S*")
"""Of addresses, what stands behind a ? or before an @ may be a secret."""


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, secret: Collection[str] = ()
) -> dict[str, list[Any]]:
    """Of the names in either: those whose values differ, with both. Of `secret` ones, and of all
    that are called like one, only that they did."""
    return {
        name: [before.get(name), after.get(name)]
        if name not in secret
        else [CHANGED if before.get(name) else None, CHANGED if after.get(name) else None]
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def plain_changes(changes: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Each is a pair: before and after."""
    return {
        storable(name)[:100]: [plain(before, name), plain(after, name)]
        for name, (before, after) in changes.items()
    }


def plain(value: Any, name: str = "", depth: int = 0) -> Any:
    """What JSON has; `name` tells whether it is a secret."""
    if SECRETS.search(name):
        return CHANGED if value else None
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:LONGEST_TEXT]
    if isinstance(value, Decimal):
        return str(value)[:LONGEST_TEXT]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        items = list(value.items())[:MOST_ITEMS]
        return {storable(str(one))[:100]: plain(item, str(one), depth + 1) for one, item in items}
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        short = [plain(one, "", depth + 1) for one in listed[:MOST_ITEMS]]
        return [*short, f"… {len(listed):,} in all"] if len(listed) > MOST_ITEMS else short
    return short_text(URL.sub(r"\1\2?…", str(value)))


def short_text(text: str, longest: int = LONGEST_TEXT) -> str:
    text = storable(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def storable(text: str) -> str:
    """A database takes neither NUL nor half a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
