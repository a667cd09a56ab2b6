"""Emails: personal, tracked, and harmless whatever the values of contacts hold."""

from __future__ import annotations

import email
from datetime import date
from email.message import EmailMessage

import pytest

from campaigns.composing import CannotCompose, Order, PlainLinks, people_facts
from campaigns.rendering.values import Number
from campaigns.tests.composing import KEY, Way, compose, composer, html, person
from contacts.tests.made import make_contact, make_field, queries_of

pytestmark = pytest.mark.django_db

BLOCKS = {
    "format": "blocks",
    "subject": "For {{ contact.first_name | default: 'you' }}",
    "preheader": "Only {{ contact.first_name }}",
    "blocks": [
        {"kind": "heading", "text": 'Hello {{ contact.first_name | default: "there" }} & all'},
        {
            "kind": "text",
            "text": "**Now** *or* [never](https://shop.example/a?b=1&c=2) 2 * 3 * 4\nnew",
        },
        {"kind": "button", "text": "Buy", "url": "https://shop.example/{{ contact.tier }}"},
        {"kind": "image", "src": "https://shop.example/i.png", "alt": 'A "hat"', "width": 300},
        {"kind": "divider"},
        {"kind": "spacer", "height": 20},
        {"kind": "text", "text": "{% if contact.tier == 'gold' %}Gold <3{% endif %}"},
    ],
}
MJML = """<mjml><mj-head><mj-style inline="inline">.x { color: red }</mj-style></mj-head><mj-body>
{% if contact.tier == "gold" %}<mj-section><mj-column><mj-text css-class="x">Hi {{ contact.first_name }}</mj-text>
<mj-button href="https://shop.example/?n={{ contact.first_name | url_encode }}">Go</mj-button></mj-column></mj-section>{% endif %}
<mj-section><mj-column><mj-table>{% for i in (1..3) %}<tr><td>{{ i }}</td></tr>{% endfor %}</mj-table>
<mj-text><a href="{{ unsubscribe_url }}">Leave</a></mj-text></mj-column></mj-section></mj-body></mjml>"""
HTML = """<style>.a{color:red} a:hover{color:blue} @media (max-width:9px){.a{color:green}}</style>
<table>{% for i in (1..2) %}<tr><td class=a>{{ i }} {{ contact.first_name }}</td></tr>{% endfor %}</table>
<a href="{{ unsubscribe_url }}">Leave</a>"""


def test_an_email_of_blocks_says_what_was_written_to_whom():
    found = compose(BLOCKS, first_name="Ann", tier="gold")
    assert found.subject == "For Ann"
    assert found.to == "p7@example.com"
    assert found.sender == "Shop <shop@example.com>"
    assert "Hello Ann &amp; all" in found.html
    assert "Only Ann" in found.html
    assert "<strong>Now</strong> <em>or</em>" in found.html
    assert "2 * 3 * 4<br>" in found.html
    assert "Gold &lt;3" in found.html
    assert 'alt="A &#34;hat&#34;"' in found.html.replace("&quot;", "&#34;")
    assert "Shop Ltd<br>\n1 Long Street" in found.html
    assert 'href="https://t.example/u/7"' in found.html
    assert 'href="https://t.example/c/7?to=https://shop.example/gold"' in found.html
    assert '<img src="https://t.example/o/7.gif"' in found.html.split("</body>")[0]
    assert "\ufdd0" not in found.html + found.text
    assert "{{" not in found.html + found.text
    assert [line for line in found.text.splitlines() if line] == [
        "Hello Ann & all",
        "Now or never (https://t.example/c/7?to=https://shop.example/a?b=1%26c=2) 2 * 3 * 4", "new",
        "Buy (https://t.example/c/7?to=https://shop.example/gold)", 'A "hat"', "Gold <3",
        "Shop Ltd", "1 Long Street", "Unsubscribe (https://t.example/u/7)",
    ]  # fmt: skip
    assert found.headers == {
        "List-Unsubscribe": "<https://t.example/one/7>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_a_test_is_nobodys_and_has_no_headers_to_unsubscribe():
    found = compose(BLOCKS, key=None, first_name="Ann", tier="x")
    assert 'href="https://t.example/c/0?to=https://shop.example/x"' in found.html
    assert found.headers == {}


def test_plain_links_lead_where_they_lead():
    made = composer(content=BLOCKS, links=PlainLinks()).compose(person(tier="x"), None)
    assert 'href="https://shop.example/x"' in made.html
    assert "t.example" not in made.html + made.text
    assert 'width="1"' not in made.html


def test_mjml_keeps_liquid_between_its_elements_and_in_tables():
    gold = compose({"format": "mjml", "source": MJML}, first_name="A&B", tier="gold")
    assert "Hi A&amp;B" in gold.html
    assert "?n=A%2526B" in gold.html.replace("%26", "%2526", 1)
    assert "color: red" in gold.html.split("Hi A&amp;B")[0].rsplit("<td", 1)[1]
    assert [f"<td>{i}</td>" in gold.html for i in (1, 2, 3)] == [True] * 3
    other = compose({"format": "mjml", "source": MJML}, first_name="A&B", tier="tin")
    assert "Hi" not in other.text
    assert "Leave (https://t.example/u/7)" in other.text
    assert "fonts.googleapis.com" not in gold.html


def test_own_html_gets_its_styles_inlined_and_keeps_what_cannot_be():
    found = html(HTML, first_name="<Ann>")
    assert found.html.count('<td class="a" style="color: red;">') == 2
    assert "a:hover" in found.html
    assert "@media" in found.html
    assert "&lt;Ann&gt;" in found.html
    assert "1 <Ann>" in found.text


def test_liquid_that_decides_about_attributes_is_left_alone():
    source = '<style>.a{color:red}</style><p {% if contact.tier %}class="a"{% else %}class="b"{% endif %}>x</p>'
    assert '<p class="a">x</p>' in html(source, tier="x").html
    assert '<p class="b">x</p>' in html(source).html


HOSTILE = "</td><script>alert(1)</script>{{ contact.email }}{% for i in (1..9) %}\"'><img src=x onerror=y>"


def test_values_are_data_never_markup_nor_liquid():
    source = '<p title="{{ contact.first_name }}">{{ contact.first_name }}</p>'
    found = html(source, first_name=HOSTILE)
    assert "<script" not in found.html
    assert "<img src=x" not in found.html
    assert "{{ contact.email }}" in found.html
    assert "p7@example.com" not in found.html
    assert HOSTILE.replace("\n", " ") in found.text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "java\nscript:x", " data:text/html,x", "vbscript:x", "//evil.example", "https://", "file:///etc"])  # fmt: skip
def test_a_link_that_a_value_makes_harmful_leads_nowhere(url):
    found = html('<a href="{{ contact.first_name }}">x</a>', first_name=url)
    assert '<a href="#">x</a>' in found.html


def test_what_needs_no_counting_leads_where_it_led():
    source = '<a href="mailto:a@b.example">m</a><a href="tel:+48">t</a><a href="#top">h</a><a href="{{ preferences_url }}">p</a>'
    found = html(source).html
    for href in ("mailto:a@b.example", "tel:+48", "#top", "https://t.example/u/7"):
        assert f'href="{href}"' in found
    assert "/c/7" not in found


def test_links_in_a_text_part_of_ones_own_are_tracked_without_the_full_stop():
    found = html(
        "<p>x</p>", content={"text": "See https://shop.example/a(b). {{ unsubscribe_url }}"}
    )
    assert (
        found.text
        == "See https://t.example/c/7?to=https://shop.example/a(b). https://t.example/u/7\n"
    )


@pytest.mark.parametrize(
    "value", ["Ann\r\nBcc: all@example.com", "Ann\nX: y", "Ann\x0b\x85\u2028y", "Ann\x00y"]
)
def test_line_breaks_in_values_never_break_a_header(value):
    found = html("x", content={"subject": "Hi {{ contact.first_name }}"}, first_name=value)
    assert len(found.subject.splitlines()) == 1
    message = EmailMessage()
    message["Subject"] = found.subject
    assert email.message_from_bytes(message.as_bytes()).keys() == ["Subject"]


def test_a_senders_name_is_one_line_and_quoted():
    way = Way({"sender_name": 'A, "B"\r\nBcc: x@y.z', "sender_address": "shop@example.com"})
    found = composer(content={"format": "html", "source": "x"}, way=way).compose(person(), KEY)
    assert found.sender == '"A, \\"B\\" Bcc: x@y.z" <shop@example.com>'


@pytest.mark.parametrize("address", ["", "a@b.example\nBcc: x@y.z", "a b@c.example", "a@b.example,c@d.example", "<a@b.example>", "a@"])  # fmt: skip
def test_an_address_that_is_none_is_said(address):
    with pytest.raises(CannotCompose, match="address"):
        html("x", email=address)


def test_characters_that_links_are_marked_with_cannot_come_from_values(db):
    make_contact(first_name="\ufdd0https://evil.example\ufdd1\ufdd2", email="a@b.example")
    [facts] = people_facts(
        [c.pk for c in [make_contact("u2", first_name="\ufdd0x\ufdd1\u202e")]]
    ).values()
    assert facts.fields["first_name"] == "x\u202e"
    source = "{{ '%EF%B7%90https://evil.example%EF%B7%91' | url_decode }}&#xFDD0;x&#xFDD1;"
    assert "/c/7" not in html(source).html


def test_one_that_cannot_be_made_does_not_keep_others_from_theirs():
    source = "{{ 10 | divided_by: contact.n }}"
    made = composer(content={"format": "html", "source": source}).compose_many(
        [Order(person(7, n=0), KEY), Order(person(8, n=3), KEY), Order(person(9, email=""), KEY)]
    )
    assert [isinstance(one, CannotCompose) for one in made] == [True, False, True]
    assert "divided by 0" in str(made[0])
    assert "\n3\n" in f"\n{made[1].text}"


def test_compiled_once_says_the_same_as_compiled_for_each():
    for content in (BLOCKS, {"format": "mjml", "source": MJML}, {"format": "html", "source": HTML}):
        once = composer(content=content)
        people = [person(n, first_name=f"N{n}<", tier="gold" if n % 2 else "") for n in range(20)]
        together = once.compose_many([Order(one, KEY) for one in people])
        assert together == [composer(content=content).compose(one, KEY) for one in people]


def test_a_broken_template_is_said_before_anybody_gets_it():
    with pytest.raises(CannotCompose, match=r"“{% if %}” is never closed"):
        html("{% if contact.x %}")


def test_values_have_their_types():
    for key, type_ in (
        ("born", "date"),
        ("seen", "datetime"),
        ("points", "number"),
        ("vip", "boolean"),
        ("likes", "list"),
    ):
        make_field(key, type_)
    contact = make_contact(
        email="a@b.example",
        born="1990-05-01",
        seen="2026-03-31T09:00:00Z",
        points=10.50,
        vip=True,
        likes=["a", "<b>"],
    )
    facts = people_facts([contact.pk, 0])[contact.pk]
    assert facts.fields["born"] == date(1990, 5, 1)
    assert facts.fields["points"] == Number("10.5")
    assert "city" not in facts.fields
    text = (
        "{{ contact.born | date: '%d %b' }}|{{ contact.born }}|{{ contact.seen }}|{{ contact.points | times: 3 }}|{{ contact.vip }}"
        "|{{ contact.likes | join: ', ' }}|{{ contact.born | date: '%Y' | plus: 1 }}|{{ event.amount | plus: 1 }} {{ event.type }}"
        "|{{ event.occurred_at | date: '%H:%M' }}|{{ now | date: '%Y' }}|{{ campaign.name }}|{{ contact.nothing }}"
    )
    made = composer(content={"format": "html", "source": "x", "text": text}).compose(
        facts,
        KEY,
        {"type": "Purchase", "occurred_at": "2026-11-20T10:00:00Z", "attributes": {"amount": 9.99}},
    )
    assert made.text.strip() == (
        "01 May|1990-05-01|2026-03-31 09:00|31.5|true|a, <b>|1991|10.99 Purchase|10:00|2026|Spring|"
    )


def test_facts_of_many_take_as_many_queries_as_those_of_one():
    ids = [make_contact(f"u{n}", email=f"u{n}@b.example").pk for n in range(20)]
    assert people_facts(ids, channel="push").keys() == set(ids)
    one = queries_of(lambda: people_facts(ids[:1], channel="push"))
    assert queries_of(lambda: people_facts(ids, channel="push")) == one
