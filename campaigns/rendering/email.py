"""An email's content, compiled once: subject, preheader, HTML and plain text, each with Liquid in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from campaigns.rendering import marks
from campaigns.rendering.blocks import blocks_html
from campaigns.rendering.formatting import escaped
from campaigns.rendering.headers import subject_line
from campaigns.rendering.html import compiled_html, html_problems
from campaigns.rendering.liquid import Liquid, parsed
from campaigns.rendering.mjml import compiled_mjml
from campaigns.rendering.plain import text_of
from campaigns.rendering.problems import TemplateProblem
from campaigns.rendering.protecting import Protected, protect_markup
from campaigns.rendering.values import clean

FORMATS: Final = ("blocks", "mjml", "html")
_FILL: Final = "&#847;&zwnj;&nbsp;" * 60
"""Behind a preheader, so that mail programs do not show what comes after it."""


class Rendered(NamedTuple):
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class EmailTemplate:
    subject: Liquid
    html: Liquid
    text: Liquid
    has_own_text: bool

    def render(
        self, values: Mapping[str, Any], *, link: Callable[[str], str], pixel: str
    ) -> Rendered:
        """Raises TemplateProblem. `link`: where an address of the message leads instead."""
        html = marks.replace_html(self.html.render(values), link=link, pixel=pixel)
        text = self.text.render(values)
        replace = marks.replace_bare if self.has_own_text else marks.replace_text
        return Rendered(
            subject_line(self.subject.render(values)), html, replace(text, link=link).strip() + "\n"
        )


def compile_email(content: Mapping[str, Any], *, postal_address: str) -> EmailTemplate:
    """Raises TemplateProblem."""
    found = skeleton(content, postal_address=postal_address)
    own = part(content, "text").strip()
    preheader = part(content, "preheader").strip()
    body = found._replace(text=marks.mark_pixel(marks.mark_links(clean(found.text))))
    html = _with_preheader(_with_doctype(body.restore(body.text)), preheader)
    return EmailTemplate(
        subject=parsed(part(content, "subject")),
        html=parsed(html, is_html=True),
        text=parsed(own or text_of(found)),
        has_own_text=bool(own),
    )


def skeleton(content: Mapping[str, Any], *, postal_address: str) -> Protected:
    """The HTML, with stand-ins for Liquid. Raises TemplateProblem."""
    form = content.get("format") or "blocks"
    if form == "blocks":
        return protect_markup(clean(blocks_html(cleaned(content), postal_address=postal_address)))
    source = part(content, "source")
    if form == "mjml":
        return compiled_mjml(source)
    if form == "html":
        if problem := next(html_problems(source), None):
            raise problem
        return compiled_html(source)
    raise TemplateProblem("This email has no format that is known here.")


def part(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    return clean(value) if isinstance(value, str) else ""


def cleaned(value: Any) -> Any:
    """The content, without characters that no template may have."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list) else value


def _with_doctype(html: str) -> str:
    return html if html.lstrip()[:9].lower() == "<!doctype" else f"<!DOCTYPE html>\n{html}"


def _with_preheader(html: str, preheader: str) -> str:
    if not preheader:
        return html
    hidden = (
        '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;'
        f'opacity:0;overflow:hidden;mso-hide:all">{escaped(preheader)}{_FILL}</div>'
    )
    at = _after_body_tag(html)
    return f"{html[:at]}{hidden}{html[at:]}"


def _after_body_tag(html: str) -> int:
    start = html.lower().find("<body")
    end = html.find(">", start) + 1 if start >= 0 else 0
    return max(end, 0)
