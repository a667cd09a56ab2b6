"""MJML becomes HTML, with Liquid left as it is and with messages that say where something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import mjml

from campaigns.rendering.html import DEEPEST, UNWANTED, VOID, inlined, is_inlinable
from campaigns.rendering.liquid import suggestion
from campaigns.rendering.problems import TemplateProblem, line_at
from campaigns.rendering.protecting import ATTRIBUTES, Protected, protect, protect_markup

TAGS: Final = frozenset(
    {
        "mjml", "mj-head", "mj-body", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-font",
        "mj-html-attributes", "mj-selector", "mj-html-attribute", "mj-preview", "mj-style", "mj-title",
        "mj-accordion", "mj-accordion-element", "mj-accordion-text", "mj-accordion-title", "mj-button",
        "mj-carousel", "mj-carousel-image", "mj-column", "mj-divider", "mj-group", "mj-hero", "mj-image",
        "mj-navbar", "mj-navbar-link", "mj-raw", "mj-section", "mj-social", "mj-social-element",
        "mj-spacer", "mj-table", "mj-text", "mj-wrapper",
    }
)  # fmt: skip
_PART = re.compile(
    r"(?s)<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    rf"|<(/?)([A-Za-z][A-Za-z0-9:-]*)({ATTRIBUTES})(>|\Z)"
)
_INLINE = re.compile(r"(?i)<mj-style\b[^>]*\binline\s*=\s*[\"']inline[\"'][^>]*>")
_MARK: Final = "/*sf-inline*/"
_UNQUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")


def compiled_mjml(source: str) -> Protected:
    """As HTML with stand-ins for Liquid. Raises TemplateProblem."""
    if problem := next(mjml_problems(source), None):
        raise problem
    found = protect_markup(source)
    try:
        marked = _INLINE.sub(lambda style: style[0] + _MARK, found.text)
        html = mjml.mjml2html(marked, fonts={})
    except ValueError as error:
        raise _said(found, str(error)) from error
    found = found._replace(text=html.replace(_MARK, ""))
    if _MARK not in html or not is_inlinable(found):
        return found
    return inlined(found._replace(text=html), only=_MARK)


def mjml_problems(source: str) -> Iterator[TemplateProblem]:
    """What the compiler does not say, or says without a line. Raises TemplateProblem."""
    found = protect(source)
    names: set[str] = set()
    opened: list[tuple[str, int]] = []
    for element in _PART.finditer(found.text):
        name = (element[2] or "").lower()
        if not name:
            continue
        names.add(name)
        yield from _wrong_tag(found, element, name)
        if name in VOID or element[3].endswith("/"):
            continue
        if not element[1]:
            opened.append((name, element.start()))
            if len(opened) > DEEPEST:
                said = f"Elements stand in each other more than {DEEPEST} deep."
                yield TemplateProblem(said, _line(found, element.start()))
                return
        elif wrong := _close(found, opened, name, element.start()):
            yield wrong
            return
    if opened:
        name, start = opened[-1]
        yield TemplateProblem(f"<{name}> is never closed with </{name}>.", _line(found, start))
    for name in ("mjml", "mj-body"):
        if name not in names:
            yield TemplateProblem(
                f"<{name}> is missing: MJML is <mjml><mj-body>…</mj-body></mjml>."
            )


def _wrong_tag(found: Protected, element: re.Match[str], name: str) -> Iterator[TemplateProblem]:
    if said := _said_of(found, element, name):
        yield TemplateProblem(said, _line(found, element.start()))


def _said_of(found: Protected, element: re.Match[str], name: str) -> str:
    if not element[4]:
        return f"<{name} has no “>” at its end."
    if name == "mj-include":
        return "Other files cannot be included here. Write their text instead."
    if _is_mjml(name) and name not in TAGS:
        return f"MJML has no <{name}>.{suggestion(name, TAGS)}"
    if name in UNWANTED:
        return f"Mail programs do not show <{name}>. Take it out."
    if any(tag.startswith("{{") for tag in found.names(_UNQUOTED.sub("", element[3]))):
        return f"In <{name}>, put quotation marks around values that hold Liquid."
    return ""


def _close(
    found: Protected, opened: list[tuple[str, int]], name: str, start: int
) -> TemplateProblem | None:
    """Take the element away that ends. MJML is XML, also where HTML stands in it."""
    if opened and opened[-1][0] == name:
        opened.pop()
        return None
    said = f"</{name}> closes nothing here"
    if opened:
        said += f"; <{opened[-1][0]}> is still open"
    return TemplateProblem(f"{said}.", _line(found, start))


def _is_mjml(name: str) -> bool:
    return name == "mjml" or name.startswith("mj-")


def _said(found: Protected, message: str) -> TemplateProblem:
    position = re.search(r"position (\d+)", message)
    line = _line(found, int(position[1])) if position else None
    reason = re.sub(r" in root template.*| at position.*", "", message)
    return TemplateProblem(f"MJML cannot be read here: {reason}.", line)


def _line(found: Protected, index: int) -> int:
    before = found.restore(found.text[:index])
    return line_at(before, len(before))
