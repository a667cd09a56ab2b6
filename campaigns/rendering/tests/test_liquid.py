"""Liquid: what it can do, what it must not, and how it says what is wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from time import process_time

import pytest

from campaigns.rendering.checking import Known, checked
from campaigns.rendering.liquid import MOST_KEPT, Liquid, parsed
from campaigns.rendering.problems import TemplateProblem
from campaigns.rendering.values import Moment, Number, event_values, field_value, plain

VALUES = {
    "now": Moment(2026, 11, 20, 12, 0, tzinfo=UTC),
    "contact": {
        "first_name": "Ann",
        "big": "a" * 10_000,
        "likes": ["x", "<y>"],
        "points": Number("10.50"),
        "born": date(1990, 5, 1),
    },
}
KNOWN = Known(
    fields=frozenset({"first_name", "last_name", "Tier", "points"}), archived=frozenset({"old"})
)


def render(source, *, is_html=False):
    return Liquid(source, is_html=is_html).render(VALUES)


def wrong(source):
    with pytest.raises(TemplateProblem) as raised:
        Liquid(source, is_html=True).render(VALUES)
    return str(raised.value)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('{{ contact.nobody | default: "there" }}', "there"),
        ("{{ contact.points | plus: 1 }} {{ contact.points }}", "11.50 10.50"),
        ("{{ contact.points | times: 100000000000000000000 }}", "1050000000000000000000.00"),
        ("{{ 10 | divided_by: 3 }} {{ 10 | divided_by: 4.0 }} {{ 7 | modulo: 3 }} {{ 2.5 | round }}", "3 2.5 1 3"),
        ("{{ 'abc' | plus: 1 }} {{ contact.x | minus: 2 }}", "1 -2"),
        ("{{ contact.born | date: '%-d %B %Y' }} {{ contact.born }}", "1 May 1990 1990-05-01"),
        ("{{ '2026-02-03T04:05:00Z' | date: '%H:%M' }} {{ 'now' | date: '%Y' }} {{ 'x' | date: '%Y' }}", "04:05 2026 x"),
        ("{{ contact.likes | join: ', ' }} {{ contact.likes | size }}", "x, <y> 2"),
        ("{% if contact.nobody %}1{% elsif contact.points > 10 %}2{% endif %}", "2"),
        ("{% for like in contact.likes %}{{ forloop.index }}{{ like }}{% endfor %}", "1x2<y>"),
        ("{% capture a %}{{ contact.first_name }}!{% endcapture %}{{ a | upcase }}", "ANN!"),
        ("{{ contact.__class__ }}{{ contact.keys }}{{ now.year }}{{ contact.likes.append }}", ""),
    ],
)  # fmt: skip
def test_what_liquid_shows(source, shown):
    assert render(source) == shown


def test_values_are_escaped_in_html_only():
    assert render("{{ contact.likes | join: '&' }}", is_html=True) == "x&&lt;y&gt;"
    assert (
        render("{% capture a %}{{ contact.likes[1] }}{% endcapture %}{{ a }}", is_html=True)
        == "&lt;y&gt;"
    )
    assert render("{{ contact.likes[1] | append: '<b>' }}", is_html=True) == "&lt;y&gt;<b>"
    assert render("{{ contact.likes[1] }}") == "<y>"


HOSTILE = {
    "a long range": "{% for i in (1..100000000) %}x{% endfor %}",
    "a range from values": "{% assign n = 99999999 %}{% for i in (1..n) reversed %}x{% endfor %}",
    "a range in a condition": "{% if (1..1000000000) contains 'x' %}1{% endif %}",
    "a range in a filter": "{{ (1..1000000000) | join }}",
    "a range in a case": "{% case 1 %}{% when (1..1000000000) %}{% endcase %}{% cycle (1..1000000000), 2 %}",
    "loops in loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}{% if 1 == 1 %}{% endif %}{% endfor %}{% endfor %}",
    "empty loops in loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}",
    "many loops": "{% for i in (1..1000) %}{{ i | upcase }}{% endfor %}" * 500,
    "a text that doubles": "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 40,
    "a text that is replaced by itself": "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | replace: 'a', x %}" * 9,
    "a joint that is long": "{{ contact.big | slice: 0, 900 | split: '' | join: contact.big }}",
    "a list that doubles": "{% assign x = contact.likes %}" + "{% assign x = x | concat: x | uniq | concat: x %}" * 2000 + "{% for i in (1..1000) %}{{ x | uniq }}{% endfor %}" * 50,
    "a number that grows": "{% assign x = 10 %}" + "{% assign x = x | times: x %}" * 40,
    "too much output": "{% for i in (1..1000) %}{{ contact.big }}{% endfor %}",
    "too much captured": "{% for i in (1..1000) %}{% capture x %}{{ contact.big }}{% endcapture %}{% endfor %}",
    "a search in a loop": "{% for i in (1..1000) %}{% if contact.big contains 'aaaaaaaab' %}{% endif %}{% endfor %}" * 9,
    "filters in a loop": "{% for i in (1..1000) %}{% assign a = contact.big | upcase | downcase | upcase %}{% endfor %}",
    "outputs without end": "{{" * 100_000,
    "tags without end": "{%" * 100_000,
    "raw without end": "{% raw %}" * 20_000,
    "comments without end": "{% comment %}" * 20_000,
    "brackets": "{{ " + "(" * 300 + " }}" + ("{{ " + "(" * 300 + " }}") * 500,
    "spaces": "{{" + " " * 900 + "x" + " " * 900,
    "quotation marks": ("{{ " + "'x" * 300 + " }}") * 900,
    "very many tags": "{{1}}" * 50_000,
    "nested blocks": "{% if a %}" * 60 + "{% endif %}" * 60,
    "a long source": "x" * 400_000,
    "a cartesian case": "{% for i in (1..1000) %}" + "{% if a %}" * 29 + "{% endif %}" * 29 + "{% endfor %}",
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_goes_too_far_ends_soon_and_says_so(source):
    began = process_time()
    with pytest.raises(TemplateProblem):
        Liquid(source, is_html=True).render(VALUES)
    assert process_time() - began < 1  # 0.2 where nothing else runs


@pytest.mark.parametrize("source", ["{{ a" + "[a" * 300 + "]" * 300 + " }}", "{% if 1 " + "and 1 " * 150 + "%}{% endif %}", "{{ now | date: '%999999999d' }}", "{% for i in (1..9) offset: 99999999999 %}{% endfor %}", "{{ 'x' | slice: 0, 999999999999999999999 }}", "{{ '9' | date: '%Y' }}{{ 99999999999999 | date: '%Y' | default: 'x' }}"])  # fmt: skip
def test_odd_templates_do_no_harm(source):
    began = process_time()
    with suppress(TemplateProblem):
        Liquid(source, is_html=True).render(VALUES)
    assert process_time() - began < 1  # 0.2 where nothing else runs


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a\n{{ x | upcas }}", "Line 2: There is no filter “upcas”. Did you mean “upcase”?"),
        ("{% if x %}\n{{ x | upcas }}{% endif %}", "Line 2: There is no filter “upcas”. Did you mean “upcase”?"),
        ("a\n\n{% iff x %}", "Line 3: There is no tag “iff”. Did you mean “if”?"),
        ("{% if x %}\n{% for a in b %}\n{% endfor %}\n", "Line 1: “{% if %}” is never closed with “{% endif %}”."),
        ("{% endif %}", "Line 1: “{% endif %}” has no beginning."),
        ("a\n{{ x ", "Line 2: “{{” is never closed with “}}”."),
        ("a\n{{ }}", "Line 2: Expected a primitive expression, found end of expression."),
        ("a\n{% raw %}x", "Line 2: “{% raw %}” is never closed with “{% endraw %}”."),
        ("{% include 'a' %}", "Line 1: There is no tag “include”."),
        ("{% render 'a' %}", "Line 1: There is no tag “render”."),
        ("{{ x | safe }}", "Line 1: There is no filter “safe”."),
        ("{{ 1 | divided_by: 0 }}", "Line 1: Nothing can be divided by 0."),
        ("{% for i in (1..2000) %}{% endfor %}", "Line 1: A range has at most 1,000 numbers."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(source, said):
    assert wrong(source) == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a\n{{ contact.fist_name }}", (2, "There is no field “fist_name”. Did you mean “first_name”?", False)),
        ("{{ contact.tier }}", (1, "There is no field “tier”. Did you mean “Tier”?", False)),
        ("{{ contact.old }}", (1, "The field “old” is archived, so it is empty in messages.", False)),
        ("{{ first_name }}", (1, "There is no “first_name” here. Did you mean “contact.first_name”?", False)),
        ("{% if contac.Tier %}{% endif %}", (1, "There is no “contac” here. Did you mean “contact”?", False)),
        ("{{ contact }}", (1, "Say which field of the contact, such as “contact.first_name”.", False)),
        ("{{ campaign.id }}", (1, "A campaign has no “id” here, only “name”.", False)),
        ("{{ event.x }}", (1, "Only messages to those who enter a segment by an event have one; here it is empty.", True)),
        ("{{ 1 | divided_by: contact.points }}", (1, "With empty fields: Nothing can be divided by 0.", True)),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_said_with_what_was_meant(source, said):
    [found] = checked(source, KNOWN)
    assert (found.line, found.message, found.is_warning) == said


def test_what_exists_is_fine():
    source = (
        "{% assign a = contact.Tier %}{{ a }}{% for x in contact.Tier %}{{ x }}{{ forloop.index }}"
        "{% endfor %}{{ unsubscribe_url }}{{ now | date: '%Y' }}{{ campaign.name }}{{ contact[a] }}"
    )
    assert checked(source, KNOWN) == []
    known = Known(fields=frozenset(), event=frozenset({"amount"}), has_event=True)
    assert checked("{{ event.amount }}{{ event.type }}", known) == []
    [found] = checked("{{ event.amout }}", known)
    assert found.message == "No event has been seen with “amout”. Did you mean “amount”?"


def test_values_are_plain_data_without_what_has_no_place_in_messages():
    assert plain({"a": ["x\x00\ufdd0\ud800", 1.5, None, {"b": object}]})["a"][:3] == [
        "x",
        Number("1.5"),
        None,
    ]
    deep: list = []
    for _ in range(100):
        deep = [deep]
    assert str(plain(deep)).count("[") < 20
    assert len(plain(list(range(5000)))) == 1000
    assert field_value("2026-13-45", "date", zone=UTC) == "2026-13-45"
    assert str(field_value("2026-03-31", "datetime", zone=UTC)) == "2026-03-31 00:00"
    assert str(Number("1E+3")) == "1000"
    given = event_values(
        {
            "type": "P",
            "attributes": {"type": "x", "a": 1},
            "occurred_at": datetime(2026, 1, 2, tzinfo=UTC),
        },
        zone=UTC,
    )
    assert (given["type"], given["a"], str(given["occurred_at"])) == ("P", 1, "2026-01-02 00:00")
    assert event_values(None, zone=UTC) == {}


def test_templates_are_parsed_once_and_kept_up_to_a_bound():
    first = parsed("{{ contact.first_name }}")
    assert parsed("{{ contact.first_name }}") is first
    assert parsed("{{ contact.first_name }}", is_html=True) is not first
    for number in range(MOST_KEPT):
        parsed(f"{{{{ {number} }}}}")
    assert parsed("{{ contact.first_name }}") is not first
