"""Markdown to HTML: links between files lead to pages, wide things scroll, code can be copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.html import escape, format_html
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin

from segmentflow.documentation.slugs import slug

FILE: Final = re.compile(r"[\w/-]+\.md")
"""In the repository a page may be called by its file; a reader of the site knows its title."""
IN_CONTENTS: Final = ("h2", "h3")
LANGUAGES: Final = {
    "html": "HTML",
    "js": "JavaScript",
    "json": "JSON",
    "python": "Python",
    "sh": "Shell",
    "sql": "SQL",
    "text": "Text",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A heading in the page's own contents."""

    anchor: str
    heading: str
    level: int


@dataclass(frozen=True, slots=True)
class Picture:
    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    title: str
    """Of the page; empty for what is none of ours."""


LinkOf = Callable[[str], Link | None]
"""Where a link leads on the site; None where it leads nowhere."""
PictureOf = Callable[[str], Picture | None]


def render(markdown: str, *, link_of: LinkOf, picture_of: PictureOf) -> Rendered:
    env: dict[str, Any] = {}
    tokens = _PARSER.parse(markdown, env)
    for token in _inner(tokens):
        if token.type == "image":
            token.meta["picture"] = picture_of(str(token.attrGet("src")))
    for children in (token.children for token in tokens if token.children):
        _lead(children, link_of)
    html = _PARSER.renderer.render(tokens, _PARSER.options, env)
    return Rendered(html, tuple(_places(tokens)))


def _inner(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def _lead(tokens: Sequence[Token], link_of: LinkOf) -> None:
    """Links have no links within, so each that is opened is the one that is closed next."""
    link: Link | None = None
    is_link = False
    for token in tokens:
        if token.type == "link_open":
            is_link, link = True, link_of(str(token.attrGet("href")))
            token.attrs = {"href": link.address} if link else {}
        if token.type in ("link_open", "link_close") and link is None:
            token.tag = "span"
        if is_link and link and link.title and FILE.fullmatch(token.content):
            token.content = link.title
        is_link = is_link and token.type != "link_close"


def _places(tokens: Sequence[Token]) -> Iterator[Place]:
    for opened, inline in pairwise(tokens):
        if opened.type == "heading_open" and opened.tag in IN_CONTENTS:
            words = "".join(child.content for child in inline.children or ())
            yield Place(str(opened.attrGet("id")), words, int(opened.tag[1]))


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    env["codes"] = number = env.get("codes", 0) + 1
    token = tokens[index]
    return format_html(
        '<div class="code"><div class="code-head"><span>{2}</span>'
        '<button class="btn-plain" type="button" data-copy="#code-{0}" hidden>Copy</button></div>'
        '<pre id="code-{0}" tabindex="0" role="region" aria-label="{1}"><code>{3}</code></pre></div>\n',
        number,
        f"Example {number}",
        LANGUAGES.get(token.info, token.info or "Text"),
        token.content.rstrip("\n"),
    )


def _table_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    env["tables"] = number = env.get("tables", 0) + 1
    return (
        f'<div class="table-card card" tabindex="0" role="region" aria-label="Table {number}">'
        '<table class="table">\n'
    )


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    return "</table></div>\n"


def _heading_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    opened, inline = tokens[index - 2], tokens[index - 1]
    if opened.tag == "h1":
        return "</h1>\n"
    words = "".join(child.content for child in inline.children or ())
    return format_html(
        ' <a class="anchor" href="#{}" aria-label="Link to “{}”">#</a></{}>\n',
        str(opened.attrGet("id")),
        words,
        opened.tag,
    )


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """A click shows it in its full size; where it is not served, its words stand."""
    picture: Picture | None = tokens[index].meta["picture"]
    words = tokens[index].content
    if picture is None:
        return escape(words)
    return format_html(
        '<a class="picture" href="{0}"><img src="{0}" width="{1}" height="{2}" alt="{3}" loading="lazy"></a>',
        picture.address,
        picture.width,
        picture.height,
        words,
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(anchors_plugin, min_level=1, max_level=4, slug_func=slug)
    rules = {
        "fence": _fence,
        "table_open": _table_open,
        "table_close": _table_close,
        "heading_close": _heading_close,
        "image": _image,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_PARSER: Final = _parser()
