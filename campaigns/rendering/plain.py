"""The plain part of an email, made from the other one: what it says, and where its links lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from campaigns.rendering.marks import BEGIN, END
from campaigns.rendering.protecting import Protected

_UNSEEN: Final = frozenset({"head", "script", "style", "title", "noscript", "template"})
_BLOCKS: Final = frozenset(
    {"address", "article", "blockquote", "div", "footer", "header", "h1", "h2", "h3", "h4", "h5", "h6",
     "hr", "main", "ol", "p", "section", "table", "tr", "ul", "dl", "dt", "dd", "li", "center"}
)  # fmt: skip
_WIDE: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"}
)
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def text_of(found: Protected) -> str:
    """From HTML with stand-ins for Liquid to text with Liquid in it, its links marked."""
    parser = _Text(found.mark)
    parser.feed(found.text)
    parser.close()
    return found.restore(_tidied("".join(parser.parts)))


class _Text(HTMLParser):
    def __init__(self, mark: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.mark = mark
        self.unseen: list[str] = []
        """Elements that are not shown, and those in them of the same name."""
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.unseen:
            if tag == self.unseen[-1]:
                self.unseen.append(tag)
            return
        if tag in _UNSEEN or (tag not in _VOID and _HIDDEN.search(given.get("style", ""))):
            self.unseen.append(tag)
            return
        self._break(tag)
        if tag == "li":
            self.parts.append("- ")
        elif tag == "hr":
            self.parts.append("---\n")
        elif tag == "img":
            self.parts.append(given.get("alt", ""))
        elif tag == "a":
            self.links.append((given.get("href", "").strip(), len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            if tag == self.unseen[-1]:
                self.unseen.pop()
            return
        if tag == "a" and self.links:
            self._end_link(*self.links.pop())
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"[ \t\r\n\f]+", " ", _no_liquid(data)))

    def handle_comment(self, data: str) -> None:
        # Of a stand-in for Liquid between elements.
        if not self.unseen and re.fullmatch(rf"{self.mark}\d+z", data):
            self.parts.append(data)

    def _end_link(self, href: str, since: int) -> None:
        label = "".join(self.parts[since:]).strip()
        if not href or href.startswith("#"):
            return
        target = f"{BEGIN}{_no_liquid(href)}{END}"
        shown = href.removeprefix("mailto:").removeprefix("tel:")
        if label in (href, shown):
            self.parts[since:] = [target if label == href else label]
        elif label:
            self.parts.append(f" ({target})")
        else:
            self.parts.append(target)

    def _break(self, tag: str) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _WIDE:
            self.parts.append("\n\n")
        elif tag in _BLOCKS:
            self.parts.append("\n")


def _no_liquid(text: str) -> str:
    """What was no Liquid in HTML, because it was written with entities, is none in the text."""
    return text.replace("{{", "{ {").replace("{%", "{ %")


def _tidied(text: str) -> str:
    text = text.replace("\xa0", " ").replace("\u200c", "").replace("\u034f", "")
    text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
