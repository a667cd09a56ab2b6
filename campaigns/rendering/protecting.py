"""Keeps Liquid as it is while what stands around it is escaped, formatted or parsed as HTML.

Each piece of Liquid gets a stand-in that such programs leave alone: a word, or between the
elements a comment, because comments may stand where text may not, as between rows of a table.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Final, NamedTuple

from campaigns.rendering.shape import tags_in

_RAW: Final = "style|script|title|textarea|mj-style|mj-title|mj-preview"
ATTRIBUTES: Final = r"""(?:[^>"']|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))*+"""
"""In patterns: all up to the end of a start tag. What never ends goes on to the end of the text,
so that no place is looked at twice."""

_PARTS = re.compile(
    rf"(?is)<!--.*?(?:-->|\Z)|<({_RAW})\b[^>]*(?:>|\Z).*?(?:</\1|\Z)|<[a-z/!?]{ATTRIBUTES}"
)


class Protected(NamedTuple):
    text: str
    """With stand-ins."""
    tags: tuple[str, ...]
    mark: str
    """What stand-ins begin with; nothing else in the text does."""

    def restore(self, text: str) -> str:
        pattern = rf"(?:<!--|&lt;!--){self.mark}(\d+)z(?:-->|--&gt;)|{self.mark}(\d+)z(?:=\"\")?"
        return re.sub(pattern, lambda found: self.tags[int(found[1] or found[2])], text)

    def names(self, text: str) -> list[str]:
        """The Liquid that stands in a text, in order."""
        return [self.tags[int(number)] for number in re.findall(rf"{self.mark}(\d+)z", text)]


def protect(source: str) -> Protected:
    """With words as stand-ins. Raises TemplateProblem for Liquid that never ends."""
    mark = _unused(source)
    parts: list[str] = []
    tags: list[str] = []
    position = 0
    for tag in tags_in(source):
        parts += source[position : tag.start], f"{mark}{len(tags)}z"
        tags.append(source[tag.start : tag.end])
        position = tag.end
    parts.append(source[position:])
    return Protected("".join(parts), tuple(tags), mark)


def protect_markup(source: str) -> Protected:
    """With comments as stand-ins for tags between elements."""
    found = protect(source)
    word = re.compile(rf"{found.mark}(\d+)z")

    def comment(stand_in: re.Match[str]) -> str:
        is_tag = found.tags[int(stand_in[1])].startswith("{%")
        return f"<!--{stand_in[0]}-->" if is_tag else stand_in[0]

    parts: list[str] = []
    position = 0
    for element in _PARTS.finditer(found.text):
        parts += word.sub(comment, found.text[position : element.start()]), element[0]
        position = element.end()
    parts.append(word.sub(comment, found.text[position:]))
    return found._replace(text="".join(parts))


def around(source: str, change: Callable[[str], str]) -> str:
    """Change a text, and leave the Liquid in it as it is."""
    found = protect(source)
    return found.restore(change(found.text))


def _unused(source: str) -> str:
    mark = "lq"
    while mark in source.lower():
        mark = f"lq{secrets.token_hex(4)}q"
    return mark
