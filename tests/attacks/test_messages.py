"""Templates, values and pictures that mean harm: a message, or a sentence why not, in bounded time and room."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from email import message_from_bytes
from html.parser import HTMLParser
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels.handing import Email
from campaigns.channels.posting import posted
from campaigns.pictures.reading import EXTENSIONS, NotAPicture, read_picture
from campaigns.rendering.bounds import MOST_OUTPUT
from campaigns.rendering.checking import nobody
from campaigns.rendering.email import compile_email
from campaigns.rendering.headers import is_address, sender_line, subject_line
from campaigns.rendering.liquid import Liquid
from campaigns.rendering.problems import TemplateProblem
from campaigns.tests.test_pictures import JPEG, PNG, WEBP, WEBP_L, WEBP_X
from tests.attacks.effort import tried, tries
from tests.attacks.hostile import MARKUP, SQL, TEXTS
from tests.figures import count
from tests.site.world import DOT

SECONDS = 3
MEGABYTES = 60
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LINK = "https://shop.example/x"

FRAGMENTS = [
    *("{{", "}}", "{%", "%}", "{{-", "-%}", "{%-", "|", ":", ",", ".", "[", "]", "(", ")", "..", "'", '"'),
    *("{% if a %}", "{% endif %}", "{% else %}", "{% elsif b == 1 %}", "{% unless a %}", "{% endunless %}"),
    *("{% for i in (1..1000) %}", "{% for i in contact.list limit: 3 %}", "{% endfor %}", "{% break %}"),
    *("{% assign x = 'ab' %}", "{% assign x = x | append: x %}", "{% capture y %}", "{% endcapture %}"),
    *("{% case a %}", "{% when 1 %}", "{% endcase %}", "{% cycle 'a', 'b' %}", "{% increment n %}"),
    *("{% raw %}", "{% endraw %}", "{% comment %}", "{% endcomment %}", "{% liquid assign z = 1 %}", "{# x #}"),
    *("{{ contact.first_name | default: 'you' }}", "{{ x | replace: 'a', x }}", "{{ 'now' | date: '%s%Y' }}"),
    *("{{ contact.big | split: '' | join: contact.big }}", "{{ 1 | divided_by: 0 }}", "{{ x | times: x }}"),
    *("{{ contact['first_name'] }}", "{{ contact.list | sort | uniq | reverse | first }}", "{{ x.size }}"),
    *("{{ contact.big | truncate: 5 }}", "{{ x | slice: -5, 99999 }}", "{{ contact.list | map: 'a' }}"),
    *("{{ x | url_encode | url_decode | escape | strip_html | newline_to_br }}", "{{ x | base64_decode }}"),
    *("{{ __class__ }}", "{{ contact.__class__.__mro__ }}", "{{ contact.items }}", "{{ self }}", "{{ now.tzinfo }}"),
    *("{% include '/etc/passwd' %}", "{% render 'x' %}", "{{ unsubscribe_url }}", "\0", "\ud800", "\ufdd0"),
    *("<p>", "</p>", "<a href='{{ x }}'>", "<b", ">", "<!--", "-->", "<style>", "</style>", "&", "&#0;", "x" * 300),
    *("9" * 60, "-1", "1e99", "nil", "true", "blank", "a" * 40),
]  # fmt: skip
MJML = [
    *("<mjml>", "</mjml>", "<mj-body>", "</mj-body>", "<mj-section>", "</mj-section>", "<mj-column>", "</mj-column>"),
    *("<mj-text>", "</mj-text>", "<mj-raw>", "</mj-raw>", "<mj-head>", "</mj-head>", "<mj-style inline='inline'>", "</mj-style>"),
    *("<mj-include path='/etc/passwd' />", "<mj-image src='x' />", "<mj-button href='{{ x }}'>a</mj-button>", "<mj-attributes>"),
    *("<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "<?xml version='1.0'?>", "<![CDATA[", "]]>", "{{ x }}", "{% if a %}", "{% endif %}"),
    *("<mj-accordion>", "<mj-carousel>", "width='99999999999px'", "<mj-section background-url='file:///etc/passwd'>", "é", "x"),
]  # fmt: skip
VALUES: dict[str, Any] = {
    **nobody("https://example.com/u"),
    "contact": {
        "first_name": MARKUP,
        "big": "a" * 10_000,
        "list": [MARKUP, "b", 3, None, True, ["c"], {"d": 1}],
        "number": 10**100,
    },
    "event": {"text": MARKUP},
}


def bounded(work: Any) -> str:
    """What it makes; empty when it says what is wrong. It takes neither long nor much room."""
    count("templates")
    tracemalloc.start()
    begun = process_time()
    try:
        made, problem = tried(work, TemplateProblem)
    finally:
        spent, (_, peak) = process_time() - begun, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert problem is None or str(problem)
    assert spent < SECONDS
    assert peak < MEGABYTES * 1024 * 1024
    return made or ""


@tries(120)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=12), st.booleans())
def test_any_liquid_is_a_text_or_a_sentence(parts, is_html):
    made = bounded(lambda: Liquid("".join(parts), is_html=is_html).render(VALUES))

    assert len(made) <= max(MOST_OUTPUT, len("".join(parts)))


def mail_of(content: dict[str, Any], values: dict[str, Any] = VALUES) -> str:
    found = compile_email(content, postal_address=MARKUP)
    made = found.render(values, link=lambda _: LINK, pixel=LINK)
    return made.html


@tries(50)
@given(st.lists(st.sampled_from(MJML + FRAGMENTS[:40]), max_size=14), st.booleans())
def test_any_mjml_is_an_email_or_a_sentence(parts, is_whole):
    inside = "".join(parts)
    source = f"<mjml><mj-body>{inside}</mj-body></mjml>" if is_whole else inside
    made = bounded(lambda: mail_of({"format": "mjml", "source": source, "subject": "x"}))

    assert "root:" not in made


@tries(50)
@given(st.lists(st.sampled_from(FRAGMENTS + MJML), max_size=14))
def test_any_html_is_an_email_or_a_sentence(parts):
    made = bounded(lambda: mail_of({"format": "html", "source": "".join(parts), "subject": "x"}))

    assert "root:" not in made


texts = st.sampled_from([*TEXTS, *SQL, MARKUP]) | st.text(max_size=5) | st.none() | st.integers()
blocks = st.fixed_dictionaries(
    {"kind": st.sampled_from(["heading", "text", "button", "image", "divider", "space", "html", "x"])},
    optional={
        name: texts | st.lists(texts, max_size=2)
        for name in ("text", "label", "url", "alt", "align", "width", "height", "color", "level")
    },
)  # fmt: skip


@tries(60)
@given(st.lists(blocks, max_size=5), texts, texts)
def test_any_blocks_are_an_email_or_a_sentence(found, subject, preheader):
    content = {"blocks": found, "subject": subject, "preheader": preheader, "text": MARKUP}
    bounded(lambda: mail_of(content))


class Probe(HTMLParser):
    """Notes what a value has made of a page that should show it as text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "xss-probe" or any(name.startswith("on") for name, _ in attrs):
            self.found.append(str(self.get_starttag_text()))


PLACES = {
    "text": "<p>Hello {{ contact.first_name }}, {{ event.text }} {{ contact.list }}</p>",
    "attribute": "<p title=\"{{ contact.first_name }}\" lang='{{ event.text }}'>x</p>",
    "link": '<a href="https://x.example/?a={{ contact.first_name }}">x</a>',
    "title": "<html><head><title>{{ contact.first_name }}</title></head><body>x</body></html>",
    "filters": "<p>{{ contact.first_name | upcase | downcase | append: event.text | strip }}</p>",
    "captured": "{% capture a %}{{ contact.first_name }}{% endcapture %}<p title='{{ a }}'>{{ a }}</p>",
    "loop": "{% for one in contact.list %}<p id='{{ one }}'>{{ one }}</p>{% endfor %}",
}


@pytest.mark.parametrize("source", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("form", ["html", "mjml", "blocks"])
def test_what_a_contact_has_is_text_wherever_it_stands_in_an_email(form, source):
    content: dict[str, Any] = {"format": form, "source": source, "subject": "x"}
    if form == "mjml":
        inside = source.partition("<body>")[2].partition("</body>")[0] or source
        whole = f"<mj-section><mj-column><mj-text>{inside}</mj-text></mj-column></mj-section>"
        content["source"] = f"<mjml><mj-body>{whole}</mj-body></mjml>"
    if form == "blocks":
        content = {
            "preheader": "{{ contact.first_name }}",
            "blocks": [
                {"kind": "heading", "text": "{{ contact.first_name }}"},
                {"kind": "text", "text": "**{{ event.text }}** [{{ contact.first_name }}](https://x.example/{{ event.text }})"},
                {"kind": "button", "text": "{{ event.text }}", "url": "https://x.example/{{ event.text }}"},
                {"kind": "image", "url": "https://x.example/{{ event.text }}", "alt": "{{ event.text }}"},
            ],
        }  # fmt: skip
    probe = Probe()
    probe.feed(mail_of(content))

    assert probe.found == []


BREAKS = [
    "\r\nBcc: eve@example.com",
    "\n\nbody",
    "\r",
    "\u2028Bcc: x",
    "\x0b",
    "\x85",
    "\0",
    "é\r\n x: y",
]


@pytest.mark.parametrize("odd", BREAKS)
def test_no_value_becomes_another_header(odd):
    subject = subject_line(Liquid("Hello {{ contact.name }}").render({"contact": {"name": odd}}))
    email = Email(
        key=None,
        to="anna@example.com",
        sender=sender_line(f"Shop{odd}", "shop@example.com"),
        reply_to="",
        subject=subject,
        html="<p>x</p>",
        text="x",
    )
    found = message_from_bytes(posted(email, now=NOW, headers={}))

    assert {*found} == {"Subject", "From", "To", "Date", "MIME-Version", "Content-Type"}
    assert len(found.get_payload()) == 2
    assert not is_address(f"anna@example.com{odd}")
    for header in ("to", "reply_to"):
        broken = Email(**{**_as_dict(email), header: f"anna@example.com\r\n{odd}"})
        with pytest.raises(ValueError, match="newlines"):
            posted(broken, now=NOW, headers={})


def _as_dict(email: Email) -> dict[str, Any]:
    return {name: getattr(email, name) for name in Email.__slots__}


SEEDS = [PNG, JPEG, DOT, WEBP, WEBP_L, WEBP_X]


@tries(200)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=6))))
def test_any_picture_is_one_of_four_kinds_or_none(seed, changes):
    data = bytearray(seed)
    for at, put in changes:
        data[at : at + len(put)] = put
    count("pictures")
    facts, problem = tried(lambda: read_picture(bytes(data)), NotAPicture)
    if problem:
        assert str(problem)
    else:
        assert facts.content_type in EXTENSIONS
        assert 0 < facts.width <= 10_000
        assert 0 < facts.height <= 10_000
