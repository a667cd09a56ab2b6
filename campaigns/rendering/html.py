"""Own HTML: looked over, with its styles written into the elements, and Liquid left as it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from css_inline import CSSInliner, InlineError

from campaigns.rendering.problems import TemplateProblem, line_at
from campaigns.rendering.protecting import ATTRIBUTES, Protected, protect, protect_markup
from campaigns.rendering.shape import LONGEST_SOURCE

DEEPEST: Final = 150
"""Elements in each other; parsers come to harm somewhere above a thousand."""

VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_CLOSED_BY_NEXT: Final = frozenset(
    {"p", "li", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody"}
)
_PART = re.compile(rf"(?s)<!--.*?(?:-->|\Z)|<(/?)([A-Za-z][A-Za-z0-9:-]*)({ATTRIBUTES})(?:>|\Z)")
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_STYLED = re.compile(r"""(?i)\b(?:style|class|id)\s*=\s*("[^"]*"|'[^']*')""")
_STYLE = re.compile(r"(?is)(<style\b)([^>]*>.*?(?:</style|\Z))")
UNWANTED: Final = frozenset({"script", "iframe", "object", "embed", "form", "frameset", "base"})

_INLINER: Final = CSSInliner(
    keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False
)


def html_problems(source: str) -> Iterator[TemplateProblem]:
    """What own HTML must not hold. Raises TemplateProblem for Liquid that never ends."""
    found = protect(source)
    for element in _PART.finditer(found.text):
        name = (element[2] or "").lower()
        if not name or element[1]:
            continue
        said = ""
        if name in UNWANTED:
            said = f"Mail programs do not show <{name}>. Take it out."
        elif any(tag.startswith("{{") for tag in found.names(_QUOTED.sub("", element[3]))):
            said = f"In <{name}>, put quotation marks around values that hold Liquid."
        if said:
            yield TemplateProblem(said, _line(found, element.start()))
    yield from _too_deep(found)


def is_inlinable(found: Protected) -> bool:
    """Not where Liquid decides about attributes or styles of an element: a parser would decide
    otherwise."""
    for element in _PART.finditer(found.text):
        if not element[2]:
            continue
        styled = "".join(_STYLED.findall(element[3]))
        for part in (_QUOTED.sub("", element[3]), styled):
            if any(tag.startswith("{%") for tag in found.names(part)):
                return False
    return True


def compiled_html(source: str) -> Protected:
    """With styles in the elements where that is possible. Raises TemplateProblem."""
    found = protect_markup(source)
    problem = next(_too_deep(found), None)
    if problem:
        raise problem
    if not is_inlinable(found):
        return found
    return inlined(found)


def inlined(found: Protected, *, only: str = "") -> Protected:
    """`only`: what the styles hold that are meant, and that is taken away."""

    def set_aside(style: re.Match[str]) -> str:
        # A parser of CSS would throw away rules that Liquid stands between.
        has_tags = any(tag.startswith("{%") for tag in found.names(style[2]))
        if has_tags or only not in style[2]:
            return f'{style[1]} data-css-inline="ignore"{style[2]}'
        return style[0]

    text = _STYLE.sub(set_aside, found.text).replace(only, "")
    try:
        text = _INLINER.inline(text)
    except InlineError as error:
        raise TemplateProblem(f"The styles cannot be read: {error}.") from error
    return found._replace(text=text.replace(' data-css-inline="ignore"', ""))


def _too_deep(found: Protected) -> Iterator[TemplateProblem]:
    if len(found.text) > 2 * LONGEST_SOURCE:
        yield TemplateProblem("This is too long.")
    depth = 0
    opened: Counter[str] = Counter()
    for element in _PART.finditer(found.text):
        name = (element[2] or "").lower()
        if not name or name in VOID or name in _CLOSED_BY_NEXT:
            continue
        if not element[1]:
            opened[name] += 1
            depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > DEEPEST:
            said = f"Elements stand in each other more than {DEEPEST} deep. Are they all closed?"
            yield TemplateProblem(said, _line(found, element.start()))
            return


def _line(found: Protected, index: int) -> int:
    before = found.restore(found.text[:index])
    return line_at(before, len(before))
