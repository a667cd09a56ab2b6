"""Looks over a template before it is parsed, in one pass, so that parsing cannot take long.

The parser's expressions take time that grows with the square of what they look at: tags that
never end, or very long ones, would keep it busy for minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from campaigns.rendering.problems import TemplateProblem, line_at

LONGEST_SOURCE: Final = 300_000
LONGEST_TAG: Final = 1_000
MOST_WORK: Final = 10_000_000
"""The sum of the squares of the lengths of all tags."""
MOST_TAGS: Final = 2_000

_OPEN = re.compile(r"\{[{%]")
_VERBATIM = re.compile(r"\{%-?\s*(raw|doc|comment)\s*-?%\}")
_ENDS: Final = {
    name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc", "comment")
}


class Tag(NamedTuple):
    """Where Liquid stands in a text: an output, a tag, or all of a passage that is left as it is."""

    start: int
    end: int
    is_output: bool


def tags_in(source: str) -> Iterator[Tag]:
    """Raises TemplateProblem for one that never ends or is too long."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateProblem(f"This is longer than {LONGEST_SOURCE:,} characters.")
    work = position = tags = 0
    while found := _OPEN.search(source, position):
        start = found.start()
        is_output = source[start + 1] == "{"
        end = _end_of_tag(source, start, "}}" if is_output else "%}")
        work += (end - start) ** 2
        tags += 1
        if work > MOST_WORK or tags > MOST_TAGS:
            raise TemplateProblem("There is too much Liquid in here.", line_at(source, start))
        if verbatim := _VERBATIM.fullmatch(source, start, end):
            end = _end_of_verbatim(source, verbatim)
        yield Tag(start, end, is_output)
        position = end


def check_shape(source: str) -> None:
    for _ in tags_in(source):
        pass


def _end_of_tag(source: str, start: int, closing: str) -> int:
    end = source.find(closing, start + 2)
    opening = source[start : start + 2]
    if end < 0:
        said = f"“{opening}” is never closed with “{closing}”."
        raise TemplateProblem(said, line_at(source, start))
    if end - start > LONGEST_TAG:
        said = f"What “{opening}” begins is longer than {LONGEST_TAG:,} characters."
        raise TemplateProblem(said, line_at(source, start))
    return end + len(closing)


def _end_of_verbatim(source: str, opening: re.Match[str]) -> int:
    name = opening[1]
    end = _ENDS[name].search(source, opening.end())
    if end is None:
        said = f"“{{% {name} %}}” is never closed with “{{% end{name} %}}”."
        raise TemplateProblem(said, line_at(source, opening.start()))
    return end.end()
