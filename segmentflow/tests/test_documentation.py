"""The documents in the product: read by everybody, searched, kept by browsers."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.test import Client

from segmentflow.documentation.contents import groups_of
from segmentflow.documentation.rendering import Link, Picture, render
from segmentflow.documentation.search import Index, excerpt_of
from segmentflow.documentation.site import site
from segmentflow.documentation.sources import source_of

PARTS = {"HX-Request": "true"}


def rendered(markdown: str) -> str:
    return render(
        markdown,
        link_of=lambda link: None if link == "gone" else Link(f"/docs/{link}", "The page"),
        picture_of=lambda link: Picture(f"/static/{link}", 20, 10) if link != "gone" else None,
    ).html


def test_html_in_a_document_is_text():
    assert "&lt;script&gt;" in rendered("# A\n\n<script>alert(1)</script>")
    assert 'href="javascript' not in rendered("[a](javascript:alert(1))")


def test_what_leads_nowhere_keeps_its_words():
    assert rendered("[here](gone)") == "<p><span>here</span></p>\n"
    assert rendered("![A picture](gone)") == "<p>A picture</p>\n"


def test_a_link_that_names_a_file_says_the_title_of_the_page():
    assert rendered("[a.md](a) and [here](a)").count("The page") == 1


def test_a_picture_says_how_much_room_it_takes():
    assert 'width="20" height="10" alt="A &amp; B"' in rendered("![A & B](a.webp)")


def test_what_is_wide_can_be_scrolled_by_keyboard_and_code_be_copied():
    html = rendered("# A\n\n```sh\necho '<b>'\n```\n\n| a |\n|---|\n| b |\n")

    assert 'data-copy="#code-1"' in html
    assert "<code>echo &#x27;&lt;b&gt;&#x27;</code>" in html
    assert html.count('tabindex="0" role="region"') == 2


def test_the_second_heading_of_the_same_words_has_an_anchor_of_its_own():
    page = source_of("docs/a.md", "# A\n\n## By the API\n\none\n\n## By the `API`\n\ntwo\n")

    assert [section.anchor for section in page.sections] == ["", "by-the-api", "by-the-api-1"]
    assert 'id="by-the-api-1"' in rendered(page.markdown)


def test_what_looks_like_a_heading_in_code_is_none():
    page = source_of("docs/a.md", "# A\n\n```sh\n# not a heading\n```\n")

    assert [section.heading for section in page.sections] == ["A"]
    assert "not a heading" in page.sections[0].text


def test_remarks_for_programs_are_not_shown():
    page = source_of("docs/a.md", "# A\n\n<!-- bench -->\n\n```html\n<!-- kept -->\n```\n")

    assert "bench" not in page.markdown
    assert "kept" in page.markdown


def test_groups_come_from_the_list():
    index = source_of(
        "docs/index.md",
        "# X\n\n## One\n\n- [A](a.md): about\n- [C](c.md)\n\n## Two\n\n1. [B](decisions/b.md)\n",
    )

    assert [
        (group.name, [(entry.key, entry.about) for entry in group.entries])
        for group in groups_of(index, there={"a", "decisions/b"})
    ] == [("One", [("a", "about")]), ("Two", [("decisions/b", "")])]


def found(*pages: str, words: str) -> list[tuple[str, str]]:
    sources = [source_of(f"docs/{number}.md", page) for number, page in enumerate(pages)]
    return [(hit.key, hit.anchor) for hit in Index(sources, {}).search(words)]


def test_a_title_counts_more_than_a_heading_and_that_more_than_words():
    pages = "# A\n\nof keys", "# B\n\n## Keys\n\nof", "# Keys\n\nof"

    assert found(*pages, words="key") == [("2", ""), ("1", "keys"), ("0", "")]


def test_all_words_count_and_else_any():
    pages = "# A\n\nred", "# B\n\nred apple"

    assert found(*pages, words="red apple") == [("1", "")]
    assert found(*pages, words="red pear") == [("0", ""), ("1", "")]
    assert found(*pages, words="how to red") == [("0", ""), ("1", "")]


@pytest.mark.parametrize("words", ["", " ", "?", "_", "zzz"])
def test_nothing_is_found_by_nothing(words):
    assert found("# A\n\nred", words=words) == []


def test_case_accents_and_endings_do_not_matter():
    assert found("# A\n\nIn a Café one is eating", words="CAFE eat") == [("0", "")]
    assert found("# A\n\nkey of a campaign", words="campaigns") == [("0", "")]


def test_an_excerpt_shows_what_was_found():
    text = "begin " * 100 + "here are keys and more " + "end " * 100
    shown = list(excerpt_of(text, ("key",)))

    assert ("keys", True) in shown
    assert shown[0] == ("… ", False)
    assert len("".join(part for part, _ in shown)) < 250


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("builder keys", ("builder", "keys")),
        ("erase a person", ("consents", "erasing")),
        ("webhook signature", ("webhooks", "is-it-genuine")),
        ("import csv", ("imports", "importing")),
        ("hold-out", ("campaigns", "hold-out")),
        ("change type of field", ("fields", "another-type")),
        ("backup", ("operations", "backup-and-restore")),
    ],
)
def test_what_people_look_for_is_near_the_top(words, first):
    assert first in [(hit.key, hit.anchor) for hit in site().index.search(words)][:6]


def test_a_search_takes_no_time():
    index = site().index
    begun = time.process_time()
    for words in ("segment", "e a s", "contact event field segment campaign", "zzz", "delete user"):
        index.search(words)

    assert (time.process_time() - begun) / 5 < 0.02


@pytest.mark.parametrize(
    "path",
    ["/docs/", "/docs/builder", "/docs/search?q=keys", "/docs/decisions/0010-drafts-are-steps"],
)
def test_everybody_may_read_and_the_database_is_not_asked(path, client: Client):
    """This test may not use one: asking it would be an error."""
    assert client.get(path).status_code == 200
    client.cookies[settings.SESSION_COOKIE_NAME] = "of-somebody-who-signed-in"
    assert client.get(path).status_code == 200


def test_a_page_is_sent_again_only_when_it_has_changed(client: Client):
    first = client.get("/docs/builder")
    again = client.get("/docs/builder", headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "public, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    client.cookies["theme"] = "dark"
    dark = client.get("/docs/builder", headers={"If-None-Match": first["ETag"]})
    assert dark.status_code == 200


def test_the_first_page_lists_all_others_by_who_reads_them(client: Client):
    html = client.get("/docs/").content.decode()

    for group in site().groups:
        assert f'<h2 id="{group.anchor}"' in html
        assert all(f'href="/docs/{entry.key}"' in html for entry in group.entries)


def test_a_page_tells_what_is_before_and_after_it_and_which_section_is_where(client: Client):
    html = client.get("/docs/templates").content.decode()

    assert '<a class="docs-before" rel="prev" href="/docs/builder">' in html
    assert 'rel="next"' in html
    assert '<a href="#as-a-file">As a file</a>' in html
    assert 'href="/docs/templates" aria-current="page"' in html
    assert 'href="/api/docs/"' in html


def test_what_is_not_there_is_searched_for(client: Client):
    answer = client.get("/docs/builder-keys")

    assert answer.status_code == 404
    assert b'href="/docs/builder#keys"' in answer.content
    assert b"There is no such page" in answer.content


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/docs", "/docs/"),
        ("/docs/builder.md", "/docs/builder"),
        ("/docs/builder/", "/docs/builder"),
        ("/docs/decisions/0010-drafts-are-steps.md", "/docs/decisions/0010-drafts-are-steps"),
        ("/docs/index.md", "/docs/"),
    ],
)
def test_other_ways_to_write_an_address_lead_to_it(path, leads_to, client: Client):
    answer = client.get(path)

    assert (answer.status_code, answer["Location"]) == (301, leads_to)


@pytest.mark.parametrize("key", ["../manage", "%2e%2e/README", "a" * 3000, "%00", "pictures/index"])
def test_nothing_but_pages_is_read(key, client: Client):
    assert client.get(f"/docs/{key}").status_code == 404


@pytest.mark.parametrize("words", ["%00", "a" * 5000, "%F0%9F%98%80", "((((", "<b>x</b>"])
def test_any_words_may_be_looked_for(words, client: Client):
    answer = client.get("/docs/search", {"q": words})

    assert answer.status_code == 200
    assert b"<b>x" not in answer.content


def test_while_typing_only_what_was_found_is_sent(client: Client):
    part = client.get("/docs/search", {"q": "keys"}, headers=PARTS).content.decode()

    assert part.lstrip().startswith('<div id="found"')
    assert "<html" not in part
    assert "<mark>Keys</mark>" in part or "<mark>keys</mark>" in part
