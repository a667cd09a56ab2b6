"""Comparisons in templates: typed, two-valued, and said beforehand where they make no sense."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.rendering.checking import Known, checked
from campaigns.rendering.liquid import Liquid
from campaigns.rendering.values import Data, Moment, Number, moment

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = moment(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), WARSAW)
VALUES = {
    "now": NOW,
    "today": NOW.date(),
    "contact": {
        "d": date(2026, 11, 19),
        "t": Moment(2026, 11, 20, 0, 30, tzinfo=WARSAW),
        "n": Number("9.90"),
        "i": 10,
        "text": "abc",
        "yes": True,
        "likes": ["x", "y"],
    },
    "event": Data(at="2026-11-20T11:59:59Z", n="7", thing=Data(a=1)),
}
TYPES = {
    "d": "date",
    "t": "datetime",
    "n": "number",
    "i": "number",
    "text": "text",
    "yes": "boolean",
    "likes": "list",
}
KNOWN = Known(
    fields=frozenset(TYPES), types=TYPES, event=frozenset({"at", "n", "thing"}), has_event=True
)


def holds(condition: str) -> bool:
    return Liquid(f"{{% if {condition} %}}1{{% endif %}}").render(VALUES) == "1"


@pytest.mark.parametrize(
    "condition",
    [
        "contact.d < today", "contact.d <= today", "today > contact.d", "contact.d < now",
        "contact.d < '2026-11-20'", "contact.d == '2026-11-19'", "'2026-11-18' <= contact.d",
        "contact.t < now", "contact.t == today", "contact.t >= today", "contact.t > contact.d",
        "contact.t == '2026-11-20T00:30'", "contact.t > '2026-11-19T23:29:59Z'",
        "event.at < now", "event.at >= today", "event.at > contact.d", "contact.t == '2026-11-20'",
        "contact.n > '5'", "contact.n < contact.i", "contact.n == 9.9", "contact.i == '10'",
        "event.n < 8", "contact.n < '10.5'", "contact.text < 'abd'", "contact.text contains 'b'",
        "contact.d != contact.none", "contact.likes contains 'x'", "contact.yes == true",
    ],
)  # fmt: skip
def test_values_are_compared_by_what_they_are(condition):
    assert holds(condition)
    assert checked(f"{{% if {condition} %}}{{% endif %}}", KNOWN) == [] or "none" in condition


@pytest.mark.parametrize(
    "condition",
    [
        "contact.text < 5", "contact.text >= 5", "contact.text < today", "contact.d < 'soon'",
        "contact.d > 5", "contact.none < today", "contact.none >= 5", "today > contact.none",
        "contact.yes < 2", "contact.likes < 2", "contact.likes <= contact.likes",
        "contact.n contains '9'", "contact.d contains '2026'", "event.thing < 3", "contact.d == 5",
        "contact.t < contact.d", "contact.t > today", "contact.n > '1e3'",
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_just_not_so(condition):
    assert not holds(condition)
    assert holds(f"contact.text == 'abc' and contact.n or {condition}")


def test_a_case_compares_like_a_condition():
    source = "{% case contact.t %}{% when 'x', '2026-11-20' %}1{% else %}2{% endcase %}"
    assert Liquid(source).render(VALUES) == "1"


@pytest.mark.parametrize(
    ("condition", "said", "is_warning"),
    [
        ("contact.d < 'soon'", "“contact.d” (a date) cannot be compared with “soon”. A date is written like “2026-12-31”.", False),
        ("contact.d < 5", "“contact.d” (a date) cannot be compared with 5.", False),
        ("now > contact.n", "“now” (a time) cannot be compared with “contact.n” (a number).", False),
        ("contact.n >= 'many'", "“contact.n” (a number) cannot be compared with “many”.", False),
        ("contact.yes > false", "“contact.yes” (yes or no) cannot be compared with false.", False),
        ("contact.yes == 'true'", "“contact.yes” (yes or no) cannot be compared with “true”. Leave the quotation marks out.", True),
        ("contact.likes == 'x'", "“contact.likes” (a list) cannot be compared with “x”. Use “contains”.", True),
    ],
)  # fmt: skip
def test_what_cannot_make_sense_is_said_before(condition, said, is_warning):
    [found] = checked(f"\n{{% if contact.n and {condition} %}}{{% endif %}}", KNOWN)
    assert (found.message, found.line, found.is_warning) == (said, 2, is_warning)


@pytest.mark.parametrize(
    "source",
    [
        "{% if contact.d != '' %}{% endif %}", "{% if contact.d == blank %}{% endif %}",
        "{% if contact.text > 5 %}{% endif %}", "{% if event.n > today %}{% endif %}",
        "{% assign today = 5 %}{% if today > 3 %}{% endif %}",
    ],
)  # fmt: skip
def test_what_may_make_sense_is_fine(source):
    assert checked(source, KNOWN) == []


def test_seconds_since_1970_are_the_same_wherever_the_workspace_is():
    text = Liquid("{{ now | date: '%s %%s %-s' }} {{ 'now' | date: '%s' }}").render(VALUES)
    at = int(NOW.timestamp())
    assert text == f"{at} %s {at} {at}"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ contact.likes }}", "x, y"),
        ("{% echo contact.likes %}", "x, y"),
        ("{{ 'a-<b>' | split: '-' }}", "a, &lt;b&gt;"),
        ("{{ contact }}{{ event }}{{ event.thing }}{% echo event %}", ""),
        ("{{ event.thing | append: 'x' }}", "x"),
    ],
)
def test_lists_have_commas_and_things_with_parts_are_not_shown(source, shown):
    assert Liquid(source, is_html=True).render(VALUES) == shown


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ contact }}", "Say which field of the contact, such as “contact.first_name”."),
        ("{{ event }}", "Say which attribute of the event, such as “event.occurred_at”."),
        ("{{ campaign }}", "Say “campaign.name”."),
    ],
)
def test_whatever_has_parts_is_asked_for_one_of_them(source, said):
    [found] = checked(source, KNOWN)
    assert (found.message, found.is_warning) == (said, False)
