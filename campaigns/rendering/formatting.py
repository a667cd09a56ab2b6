"""What people may write in a text of a simple email: **bold**, *italic*, [links](https://…)."""

from __future__ import annotations

import re
from html import escape

from campaigns.rendering.protecting import around

_LINK = re.compile(
    r"\[([^\[\]\n]{1,500})\]\(([^()\s]{1,1000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)\)"
)
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,5000}?(?:\*[^*\n]{1,2000}\*[^*\n]{0,2000})?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,5000})(?<=\S)\*(?![\w*])")


def formatted(source: str, *, link_style: str = "") -> str:
    """As HTML; everything else is escaped, and Liquid stays as it is."""
    return around(source, lambda text: _format(text, link_style))


def escaped(source: str) -> str:
    """For HTML, in elements and in attributes; Liquid stays as it is."""
    return around(source, escape)


def _format(text: str, link_style: str) -> str:
    found = escape(text.replace("\r\n", "\n").replace("\r", "\n"))
    style = f' style="{escape(link_style)}"' if link_style else ""
    # Links are set aside, because a star in an address makes nothing bold.
    hrefs: list[str] = []

    def aside(link: re.Match[str]) -> str:
        hrefs.append(f'<a href="{link[2]}"{style}>')
        return f"\x01{len(hrefs) - 1}\x02{link[1]}</a>"

    found = _LINK.sub(aside, found)
    found = _BOLD.sub(r"<strong>\1</strong>", found)
    found = _ITALIC.sub(r"<em>\1</em>", found)
    found = re.sub("\x01(\\d+)\x02", lambda mark: hrefs[int(mark[1])], found)
    return found.replace("\n", "<br>\n")
