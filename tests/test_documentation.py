"""All documents together: every link leads somewhere, every picture is there, nothing is left out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver, resolve

from segmentflow.documentation import pictures
from segmentflow.documentation.screens import SECTIONS
from segmentflow.documentation.site import Site, address_of
from segmentflow.documentation.slugs import slug
from segmentflow.documentation.sources import GALLERY, INDEX, Source, led_to, paths_of
from tests.browser.pages import PAGES

TOP = Path(settings.BASE_DIR)
SITE = Site(TOP)
SOURCES = list(SITE.sources.values())
HEAVIEST_PICTURE = 150_000
LONGEST_WORDS_OF_A_PICTURE = 160

each_page = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.path)


class Seen(HTMLParser):
    """What there is on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        elif tag == "img":
            self.pictures.append(given)
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


SEEN = {source.key: Seen(SITE.page(source.key).html) for source in SOURCES}
ANCHORS = {address_of(key): {*seen.anchors} for key, seen in SEEN.items()}
ANCHORS[address_of("")] = {group.anchor for group in SITE.groups} | {slug(SITE.sources[""].title)}
"""The first page is drawn otherwise (tests of the product look at it)."""


@each_page
def test_every_link_leads_to_a_page_and_to_a_section_of_it(source: Source):
    for link in SEEN[source.key].links:
        page, _, anchor = link.partition("#")
        if page.startswith(("https://", "http://", "mailto:", settings.STATIC_URL)):
            continue
        address = page or address_of(source.key)
        assert address in ANCHORS, f"{source.path} leads to {link}"
        assert not anchor or anchor in ANCHORS[address], f"{source.path} leads to {link}"


@each_page
def test_what_is_not_served_is_only_linked_where_one_works_on_it(source: Source):
    """Such links are words on the site; in the repository they lead to files that are there."""
    code = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", code.sub("", source.markdown)):
        if SITE.link_of(link, source) is None:
            path = led_to(link.partition("#")[0], path=source.path)
            assert path.startswith(GALLERY)
            assert (TOP / path).exists()


@each_page
def test_every_picture_is_there_and_says_in_words_what_it_shows(source: Source):
    written = re.findall(r"^!\[([^\]]*)\]\(([^)]+)\)", source.markdown, re.MULTILINE)

    for words, link in written:
        file = TOP / led_to(link, path=source.path)
        assert file.is_file(), f"{source.path} shows {link}"
        assert 10 <= len(words) <= LONGEST_WORDS_OF_A_PICTURE, f"{link}: {words}"
    assert len(SEEN[source.key].pictures) == len(written)


def test_pictures_are_light_and_each_is_shown_somewhere():
    folder = TOP / pictures.FOLDER
    shown = {
        led_to(link, path=source.path)
        for source in SOURCES
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", source.markdown)
    }

    files = {file.relative_to(TOP).as_posix(): file.stat().st_size for file in folder.iterdir()}
    assert {file: size for file, size in files.items() if size > HEAVIEST_PICTURE} == {}
    assert files.keys() - shown == set()


@each_page
def test_headings_form_a_tree_with_one_title(source: Source):
    levels = SEEN[source.key].headings

    if source.path == "LICENSE":
        return
    assert levels[0] == 1
    assert levels.count(1) == 1
    for before, after in pairwise(levels):
        assert after <= before + 1, f"{source.path}: a heading of level {after} below {before}"


@each_page
def test_what_search_finds_is_at_the_anchor_it_says(source: Source):
    assert {section.anchor for section in source.sections} - {""} <= {*SEEN[source.key].anchors}


@each_page
def test_an_anchor_stands_for_one_section(source: Source):
    anchors = SEEN[source.key].anchors

    assert len(anchors) == len(set(anchors))


@each_page
def test_no_html_is_written_that_would_be_shown_as_text(source: Source):
    text = re.sub(r"<(code|pre)\b.*?</\1>", "", SITE.page(source.key).html, flags=re.DOTALL)

    assert not re.findall(r"&lt;[/!]?[a-z-]+[^&]*&gt;", text)


def test_no_two_files_have_the_same_address():
    assert sorted(source.path for source in SOURCES) == sorted(paths_of(TOP))


def test_every_page_is_listed_once():
    listed = [entry.key for group in SITE.groups for entry in group.entries]

    assert sorted(listed) == sorted(key for key in SITE.sources if key)


def test_every_line_of_the_list_is_understood():
    lists = SITE.sources[""].markdown.partition("\n## ")[2]
    lines = [line for line in lists.splitlines() if re.match(r"\s*(-|\d+\.) ", line)]

    assert len(lines) == sum(len(group.entries) for group in SITE.groups)
    assert [group.name for group in SITE.groups if not group.entries] == []
    assert SITE.sources[""].path == INDEX


def url_names() -> Iterator[str]:
    resolvers: list[URLResolver] = [get_resolver()]
    while resolvers:
        for pattern in resolvers.pop().url_patterns:
            if isinstance(pattern, URLResolver):
                resolvers.append(pattern)
            elif pattern.name:
                yield pattern.name


def test_every_screen_leads_to_a_section_that_is_there():
    assert SECTIONS.keys() <= {*url_names()}
    in_templates = {
        found[1]
        for file in (TOP / "templates").rglob("*.html")
        for found in re.finditer(r"help_address ['\"]([^'\"]+)['\"]", file.read_text())
    }
    assert in_templates
    for section in {*SECTIONS.values()} | in_templates:
        key, _, anchor = section.partition("#")
        assert key in SITE.sources, section
        assert not anchor or anchor in SEEN[key].anchors, section


def test_every_screen_has_a_section_of_its_own():
    """Whoever adds one says in screens.py what helps with it."""
    known = defaultdict[str, str](lambda: "1", move="1/moves/1")
    names = {
        page: resolve(path.format_map(known).partition("?")[0]).url_name
        for page, path in PAGES.items()
    }
    without = {
        page
        for page, name in names.items()
        if name not in SECTIONS and not name.startswith("documentation")
    }

    assert without == set()


def test_every_control_that_a_guide_names_is_on_some_page():
    """What stands in bold is written on a button, a link or a tab."""
    places = [TOP / "templates", *(TOP / app for app in ("campaigns", "contacts", "events"))]
    places += [TOP / app for app in ("outbound", "segments", "segmentflow")]
    shown = "".join(
        file.read_text()
        for place in places
        for file in [*place.rglob("*.html"), *place.rglob("*.py")]
        if "tests" not in file.parts
    )
    for source in SOURCES:
        if source.path.startswith("docs/guide-"):
            named = re.findall(r"\*\*([A-Z][^*]+?)…?\*\*", source.markdown)
            missing = [name for name in named if name not in shown]
            assert named
            assert missing == [], f"{source.path} names what is nowhere: {missing}"
