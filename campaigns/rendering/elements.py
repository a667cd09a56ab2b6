"""The elements of HTML and MJML as they were written, for checks that tell the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple

from campaigns.rendering.problems import line_at
from campaigns.rendering.protecting import ATTRIBUTES, Protected, protect

_ELEMENT = re.compile(rf"(?s)<!--.*?(?:-->|\Z)|<([A-Za-z][A-Za-z0-9:-]*)({ATTRIBUTES})(?:>|\Z)")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")


class Element(NamedTuple):
    name: str
    """In small letters."""
    attributes: Mapping[str, str]
    """With Liquid as it was written."""
    line: int


def elements_in(source: str) -> Iterator[Element]:
    """Raises TemplateProblem for Liquid that never ends."""
    found = protect(source)
    line, position = 1, 0
    for element in _ELEMENT.finditer(found.text):
        line += _lines(found, found.text[position : element.start()])
        position = element.start()
        if element[1]:
            yield Element(element[1].lower(), _attributes(found, element[2]), line)


def _attributes(found: Protected, text: str) -> dict[str, str]:
    return {
        one[1].lower(): unescape(found.restore(one[2] or one[3] or one[4] or ""))
        for one in _ATTRIBUTE.finditer(text)
    }


def _lines(found: Protected, text: str) -> int:
    restored = found.restore(text)
    return line_at(restored, len(restored)) - 1
