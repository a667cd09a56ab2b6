"""Looks over the content of a message: what keeps it from being sent, and what to think of first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from campaigns.rendering import marks
from campaigns.rendering.blocks import KINDS
from campaigns.rendering.checking import UNSUBSCRIBING, Known, checked, nobody, uses
from campaigns.rendering.elements import Element, elements_in
from campaigns.rendering.email import compile_email, part
from campaigns.rendering.headers import LONGEST_SUBJECT
from campaigns.rendering.html import html_problems, is_inlinable
from campaigns.rendering.liquid import parsed
from campaigns.rendering.mjml import mjml_problems
from campaigns.rendering.problems import TemplateProblem
from campaigns.rendering.protecting import protect
from campaigns.rendering.sms import count

CLIPPED_BYTES: Final = 102 * 1024
"""Gmail shows no more of an email, and so neither its end nor the pixel there."""
MANY_SEGMENTS: Final = 3
LONG_SUBJECT: Final = 150
_OPT_OUT = re.compile(
    r"\b(stop|opt[ -]?out|unsubscribe)\b|unsubscribe_url|preferences_url", re.IGNORECASE
)
_TEXT_LINK = re.compile(r"\[[^\[\]\n]+\]\(([^()\s]+)\)")


class Problem(NamedTuple):
    where: str
    """The control: name, channel, audience, when, content.subject, content.blocks[2].url, …"""
    message: str
    is_warning: bool = False
    """A warning does not keep it from starting."""
    line: int | None = None
    """Of the control's text."""


@dataclass(frozen=True, slots=True)
class Review:
    """One look over a message's content."""

    content: Mapping[str, Any]
    known: Known
    config: Mapping[str, Any]
    """Of the channel's way."""
    short_link: str
    """As long as those of text messages."""

    def email(self) -> Iterator[Problem]:
        yield from self._subject()
        yield from self._liquid("preheader")
        form = self.content.get("format") or "blocks"
        if form == "blocks":
            yield from self._blocks()
        elif form in ("mjml", "html"):
            yield from self._source(form)
        else:
            yield Problem("content.format", "Choose how this email is written.")
        text = part(self.content, "text").strip()
        yield from self._liquid("text")
        if text and not _OPT_OUT.search(text):
            said = "The plain part has no link to unsubscribe: {{ unsubscribe_url }}."
            yield Problem("content.text", said, is_warning=True)

    def sms(self) -> Iterator[Problem]:
        text = part(self.content, "text")
        if not text.strip():
            yield Problem("content.text", "Write the text.")
            return
        problems = list(self._liquid("text"))
        yield from problems
        if not any(not one.is_warning for one in problems):
            yield from self._segments(text)
        if not _OPT_OUT.search(text):
            said = "Say how to opt out, such as “Reply STOP” or {{ unsubscribe_url }}."
            yield Problem("content.text", said, is_warning=True)

    def push(self) -> Iterator[Problem]:
        if not part(self.content, "title").strip():
            yield Problem("content.title", "Write the title.")
        if not part(self.content, "body").strip():
            said = "Without a text, only the title is shown."
            yield Problem("content.body", said, is_warning=True)
        for key in ("title", "body", "url", "icon", "image"):
            yield from self._liquid(key)
        for key in ("url", "icon", "image"):
            url = part(self.content, key).strip()
            if url and (wrong := wrong_link(url)):
                yield Problem(f"content.{key}", wrong)
        if not part(self.content, "url").strip():
            said = "Without an address, nothing opens when the message is clicked."
            yield Problem("content.url", said, is_warning=True)

    def _subject(self) -> Iterator[Problem]:
        subject = part(self.content, "subject").strip()
        if not subject:
            yield Problem("content.subject", "Write the subject.")
        elif len(subject) > LONGEST_SUBJECT:
            said = f"A subject has at most {LONGEST_SUBJECT} characters."
            yield Problem("content.subject", said)
        elif len(_without_liquid(subject)) > LONG_SUBJECT:
            said = "Mail programs cut a subject as long as this one off."
            yield Problem("content.subject", said, is_warning=True)
        yield from self._liquid("subject")

    def _liquid(self, key: str) -> Iterator[Problem]:
        yield from self._checked(f"content.{key}", part(self.content, key))

    def _checked(self, where: str, source: str, *, is_html: bool = False) -> Iterator[Problem]:
        for one in checked(source, self.known, is_html=is_html):
            yield Problem(where, one.message, one.is_warning, one.line)

    def _blocks(self) -> Iterator[Problem]:
        blocks = self.content.get("blocks")
        if not isinstance(blocks, list) or not blocks:
            yield Problem("content.blocks", "Add a block: this email is empty.")
            return
        problems = [
            problem for index, block in enumerate(blocks) for problem in self._block(index, block)
        ]
        yield from problems
        if not str(self.config.get("postal_address") or "").strip():
            said = "No postal address stands at the foot. Set it with the channel: many countries require it."
            yield Problem("channel", said, is_warning=True)
        if not any(not one.is_warning for one in problems):
            yield from self._compiled("content.blocks")

    def _block(self, index: int, block: Any) -> Iterator[Problem]:
        where = f"content.blocks[{index}]"
        if not isinstance(block, Mapping) or block.get("kind") not in KINDS:
            yield Problem(where, "This block is of no kind that is known here.")
            return
        kind = block["kind"]
        for key in ("text", "url", "src", "alt"):
            text = block.get(key)
            if isinstance(text, str):
                yield from self._checked(f"{where}.{key}", text, is_html=True)
        yield from _missing(kind, block, where)
        for key in ("url", "src"):
            link = str(block.get(key) or "").strip()
            if link and kind in ("button", "image") and (wrong := wrong_link(link)):
                yield Problem(f"{where}.{key}", wrong)
        if kind in ("text", "heading"):
            for link in _text_links(str(block.get("text") or "")):
                if wrong := wrong_link(link):
                    yield Problem(f"{where}.text", wrong)

    def _source(self, form: str) -> Iterator[Problem]:
        source = part(self.content, "source")
        where = "content.source"
        if not source.strip():
            yield Problem(where, "Write the email.")
            return
        problems = list(self._checked(where, source, is_html=True))
        if not problems or all(one.is_warning for one in problems):
            problems += _tried(where, source, html_problems if form == "html" else mjml_problems)
            problems += list(_elements(where, source))
            if not uses(parsed(source, is_html=True), UNSUBSCRIBING):
                said = 'A link to unsubscribe is missing: <a href="{{ unsubscribe_url }}">Unsubscribe</a>.'
                problems.append(Problem(where, said))
            if form == "html" and not is_inlinable(protect(source)):
                said = (
                    "Styles are not written into the elements, because Liquid decides about "
                    "attributes of some."
                )
                problems.append(Problem(where, said, is_warning=True))
        yield from problems
        if not any(not one.is_warning for one in problems):
            yield from self._compiled(where)

    def _compiled(self, where: str) -> Iterator[Problem]:
        postal = str(self.config.get("postal_address") or "")
        try:
            made = compile_email(self.content, postal_address=postal)
        except TemplateProblem as problem:
            yield Problem(where, problem.message, line=problem.line)
            return
        size = len(made.html.source.encode())
        if size > CLIPPED_BYTES:
            said = f"This email has {size // 1024} KB. Gmail hides what comes after 102 KB."
            yield Problem(where, said, is_warning=True)

    def _segments(self, text: str) -> Iterator[Problem]:
        found = count(
            marks.replace_bare(_rendered(text, self.short_link), link=lambda _: self.short_link)
        )
        if found.segments > MANY_SEGMENTS:
            said = (
                f"This takes {found.segments} messages for each contact, or more with long values."
            )
            yield Problem("content.text", said, is_warning=True)
        if found.first_unicode:
            said = (
                f"“{found.first_unicode}” makes each message hold 70 characters in place of 160. "
                "Leave it out, if you can."
            )
            yield Problem("content.text", said, is_warning=True)


def _rendered(text: str, unsubscribe: str) -> str:
    try:
        return parsed(text).render(nobody(unsubscribe)).strip()
    except TemplateProblem:
        return text


def wrong_link(url: str) -> str:
    """Why an address cannot stand in a message; one that begins with Liquid may be anything."""
    if url.lstrip().startswith("{{"):
        return ""
    if marks.target_of(_without_liquid(url)) is None:
        return "Write the whole address, beginning with https:// or http://."
    return ""


def _text_links(text: str) -> list[str]:
    """With the Liquid in them, which may have spaces."""
    try:
        found = protect(text)
    except TemplateProblem:
        return _TEXT_LINK.findall(text)
    return [found.restore(link) for link in _TEXT_LINK.findall(found.text)]


def _without_liquid(text: str) -> str:
    try:
        found = protect(text)
    except TemplateProblem:
        return text
    return re.sub(rf"{found.mark}\d+z", "x", found.text)


def _missing(kind: str, block: Mapping[str, Any], where: str) -> Iterator[Problem]:
    def has(key: str) -> bool:
        return bool(str(block.get(key) or "").strip())

    if kind == "button":
        if not has("text"):
            yield Problem(f"{where}.text", "Write what stands on the button.")
        if not has("url"):
            yield Problem(f"{where}.url", "Write where the button leads.")
    elif kind == "image":
        if not has("src"):
            yield Problem(f"{where}.src", "Choose a picture.")
        if not has("alt"):
            said = "Describe the picture for those who do not see it."
            yield Problem(f"{where}.alt", said, is_warning=True)
    elif kind in ("heading", "text") and not has("text"):
        yield Problem(f"{where}.text", "This block is empty.", is_warning=True)


def _tried(
    where: str, source: str, find: Callable[[str], Iterator[TemplateProblem]]
) -> Sequence[Problem]:
    try:
        return [Problem(where, one.message, line=one.line) for one in find(source)]
    except TemplateProblem as problem:
        return [Problem(where, problem.message, line=problem.line)]


def _elements(where: str, source: str) -> Iterator[Problem]:
    for element in elements_in(source):
        href = element.attributes.get("href", "")
        if element.name != "link" and href and (wrong := wrong_link(href)):
            yield Problem(where, f"“{href[:60]}” cannot be followed. {wrong}", line=element.line)
        if element.name in ("img", "mj-image", "mj-carousel-image"):
            yield from _image(where, element)


def _image(where: str, element: Element) -> Iterator[Problem]:
    src = element.attributes.get("src", "")
    if not src or (wrong_link(src) and not src.startswith("cid:")):
        said = "The address of a picture begins with https:// or http://."
        yield Problem(where, said, line=element.line)
    if "alt" not in element.attributes:
        said = 'A picture has no “alt”: describe it for those who do not see it, or write alt="".'
        yield Problem(where, said, is_warning=True, line=element.line)
