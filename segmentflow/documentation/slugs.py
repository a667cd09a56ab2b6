"""Anchors of headings, by the same rule as where repositories are read on the web."""

from __future__ import annotations

import re
from collections import Counter


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


class Slugs:
    """Of one page: the second of the same words gets a number."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def of(self, heading: str) -> str:
        own = slug(heading)
        self._used[own] += 1
        return own if self._used[own] == 1 else f"{own}-{self._used[own] - 1}"
