"""Where links, and the pixel, stand in a rendered message: between characters that no text has.

Links are marked when a template is compiled, and replaced after Liquid, because only then it
is known where they lead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from typing import Final
from urllib.parse import urlsplit

BEGIN: Final = "\ufdd0"
END: Final = "\ufdd1"
PIXEL: Final = "\ufdd2"
LONGEST_LINK: Final = 2_000

_HREF = re.compile(
    r"""(<(?:a|area|v:[a-z]+)\b(?:\s+(?!href\b)[^\s=<>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']*))?)*+"""
    r"""\s+href\s*=\s*)("[^"]*"|'[^']*')""",
    re.IGNORECASE,
)
_MARKED = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}|{PIXEL}")
_BARE = re.compile(r"https?://[^\s<>\"'{}|\\^`]+", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_SPACE = re.compile(r"[\x00-\x20\x7f-\xa0]+")
_CLOSING: Final = ".,;:!?)]"


def mark_links(html: str) -> str:
    """Raises nothing: links that are not in quotation marks are left as they are."""
    return _HREF.sub(
        lambda found: f"{found[1]}{found[2][0]}{BEGIN}{found[2][1:-1]}{END}{found[2][0]}", html
    )


def mark_pixel(html: str) -> str:
    ends = list(_BODY_END.finditer(html))
    at = ends[-1].start() if ends else len(html)
    return f"{html[:at]}{PIXEL}{html[at:]}"


def replace_html(html: str, *, link: Callable[[str], str], pixel: str) -> str:
    """Put in where links lead; `pixel`: an address, or nothing."""
    image = (
        f'<img src="{escape(pixel)}" width="1" height="1" alt="" style="display:block;border:0;'
        'width:1px;height:1px">'
        if pixel
        else ""
    )

    def put(found: re.Match[str]) -> str:
        return image if found[1] is None else escape(link(unescape(found[1])))

    return _MARKED.sub(put, html)


def replace_text(text: str, *, link: Callable[[str], str]) -> str:
    """The same in the plain part that was made from HTML."""
    return _MARKED.sub(lambda found: link(found[1] or ""), text)


def replace_bare(text: str, *, link: Callable[[str], str]) -> str:
    """In a text that people wrote, whatever looks like a link is one."""

    def put(found: re.Match[str]) -> str:
        url, rest = _without_closing(found[0])
        return link(url) + rest

    return _BARE.sub(put, text)


def bare_links(text: str) -> list[str]:
    return [_without_closing(found)[0] for found in _BARE.findall(text)]


def _without_closing(url: str) -> tuple[str, str]:
    """A sentence's end is not part of its last link; a bracket that was opened in it is."""
    end = len(url)
    while end and url[end - 1] in _CLOSING:
        if url[end - 1] == ")" and url.count("(", 0, end) >= url.count(")", 0, end):
            break
        end -= 1
    return url[:end], url[end:]


@lru_cache(4_096)
def target_of(url: str) -> str | None:
    """Where a link leads that can be followed and counted; empty: it is left as it is, because it
    is a place on the page, or an address to write to or call; None: it could do harm."""
    found = _SPACE.sub("", url)
    if found.startswith("#") or not found or scheme_of(found) in ("mailto", "tel", "sms"):
        return ""
    if len(url) > LONGEST_LINK or scheme_of(found) not in ("http", "https"):
        return None
    try:
        host = urlsplit(found).hostname
    except ValueError:
        return None
    return found if host else None


def scheme_of(url: str) -> str:
    """In small letters; empty for what has none."""
    found = re.match(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)", url)
    return found[0].lower() if found else ""


def is_web(url: str) -> bool:
    return bool(target_of(url))
