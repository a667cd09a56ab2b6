"""Every template is valid, reads well, and finds exactly those whom its description promises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.test import override_settings

from contacts.models import FieldTypes
from segments import services
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.engine.settle import settle
from segments.starting.beginning import begin_from_template
from segments.starting.finding import Existing, State, sentence_with
from segments.starting.gallery import BY_KEY, TEMPLATES
from segments.starting.needed import EVENT_TYPES, FIELDS
from segments.starting.template import Need, Template
from tests import worlds
from tests.cases import CASES, WORLDS
from tests.oracle import Happening, Person, is_member

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)

SCENARIOS = {
    "inactive-vips": "inactive-vips",
    "sms-activation": "sms-activation",
    "product-cross-sell": "credit-card-cross-sell",
    "last-minute-travel": "spain-last-minute",
    "preventive-care": "preventive-care",
}
"""By the template, the shared case that it is."""


def catalog_of(needs: Iterable[Need]) -> Catalog:
    needs = list(needs)
    return Catalog(
        zone=UTC_ZONE,
        fields={
            need.named.key: FieldInfo(FieldType(need.type))
            for need in needs
            if need.named.kind == "field"
        },
        event_types={
            need.named.key: EventTypeInfo() for need in needs if need.named.kind == "event"
        },
    )


@each_template
def test_a_template_is_valid_where_there_is_exactly_what_it_needs(template: Template):
    assert parse(template.definition, catalog_of(template.needs))

    for needless in template.needs:
        with pytest.raises(InvalidDefinition):
            parse(
                template.definition, catalog_of(need for need in template.needs if need != needless)
            )


@each_template
def test_a_template_is_shown_as_all_the_others_are(template: Template):
    assert BY_KEY[template.key] is template
    assert len(template.name) <= 30
    assert 30 <= len(template.description) <= 90
    assert template.description.endswith(".")
    assert render_to_string(f"ui/icons/{template.icon}.svg")


def test_there_are_fifteen_and_they_differ():
    assert len(BY_KEY) == len(TEMPLATES) == 15
    for told in ("name", "description", "icon"):
        assert len({getattr(template, told) for template in TEMPLATES}) == 15


def test_nothing_is_described_that_no_template_needs():
    needed = {need.named.key for template in TEMPLATES for need in template.needs}

    assert needed == {*FIELDS, *EVENT_TYPES}
    assert {raw["type"] for raw in FIELDS.values()} <= set(FieldTypes.values)


SENTENCES = {
    "inactive-vips": "VIP status is one of Gold or Platinum, and Purchase value in 12 months is "
    "more than 2,000, and the last Purchase was more than 90 days ago",
    "new-this-week": "Creation date is in the last 7 days",
    "abandoned-cart": "Has performed Added to cart in the last 7 days, not followed by Purchase "
    "within 1 hour",
    "unsubscribed": "Has performed Unsubscribed",
}


@pytest.mark.django_db
@each_template
def test_a_template_reads_as_a_sentence_before_anything_is_there(template: Template):
    found = Existing().look_for(template)
    said = sentence_with(template, found, UTC_ZONE)

    assert {one.state for one in found} <= {State.MISSING}
    assert all(need.label in said for need in template.needs)
    assert said == SENTENCES.get(template.key, said)


@pytest.mark.parametrize("key", SCENARIOS)
def test_a_scenario_is_the_shared_case_of_it(key: str):
    [case] = [one for one in CASES if one.name == f"{WORLDS[0].name}-{SCENARIOS[key]}"]

    assert BY_KEY[key].definition == case.definition


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def events(type_: str, *days: float, **attributes: Any) -> list[Happening]:
    return [
        Happening(type_, ago(days=day), f"{type_}-{day}", attributes=attributes) for day in days
    ]


def person(*happened: list[Happening], known: float = 400, **attributes: Any) -> dict[str, Any]:
    return {
        "created_at": ago(days=known),
        "attributes": attributes,
        "events": [event for some in happened for event in some],
    }


HOUR = 1 / 24
SECOND = HOUR / 3600
PEOPLE = {
    "nobody": person(),
    "new": person(known=3),
    "new a week ago": person(known=7),
    "new a week and a second ago": person(known=7 + SECOND),
    "opened 29 days ago": person(events("MailOpen", 29)),
    "opened 31 days ago": person(events("MailOpen", 31)),
    "reads and visits": person(events("MailOpen", 1, 2, 30), events("Page_visit", 14)),
    "reads and clicks": person(events("MailOpen", 1, 2, 3), events("MailClick", 5)),
    "only reads": person(events("MailOpen", 1, 2, 3), events("Page_visit", 15)),
    "reads little and visits": person(events("MailOpen", 1, 2, 31), events("Page_visit", 1)),
    "left the cart": person(events("Cart_add", 2 * HOUR)),
    "bought the cart": person(events("Cart_add", 2 * HOUR), events("Purchase", 1.5 * HOUR)),
    "bought the cart late": person(events("Cart_add", 3 * HOUR), events("Purchase", HOUR)),
    "is still shopping": person(events("Cart_add", HOUR / 2)),
    "left the cart long ago": person(events("Cart_add", 8)),
    "birthday today": person(Birthday="1990-06-15"),
    "birthday in a week": person(Birthday="1990-06-22"),
    "birthday in eight days": person(Birthday="1990-06-23"),
    "birthday yesterday": person(Birthday="1990-06-14"),
    "spent more": person(events("Purchase", 300, 5, amount=500.01)),
    "spent 1000": person(events("Purchase", 300, 5, amount=500)),
    "spent more before": person(events("Purchase", 370, amount=5000)),
    "bought once": person(events("Purchase", 15)),
    "bought once just now": person(events("Purchase", 13)),
    "bought twice": person(events("Purchase", 15, 90)),
    "used to buy": person(events("Purchase", 61, 200, 364)),
    "used to buy less": person(events("Purchase", 61, 200, 366)),
    "still buys": person(events("Purchase", 10, 61, 200, 364)),
    "unsubscribed long ago": person(events("Unsubscribe", 900), known=1000),
    "bought and went": person(events("Purchase", 100), events("Page_visit", 61)),
    "bought and visits": person(events("Purchase", 100), events("Page_visit", 59)),
    "bought and reads": person(events("Purchase", 100), events("MailOpen", 59)),
}
EXPECTED = {
    "no-opens-30-days": (
        ["nobody", "opened 31 days ago"],
        ["new", "new a week and a second ago", "opened 29 days ago"],
    ),
    "abandoned-cart": (
        ["left the cart", "bought the cart late"],
        ["nobody", "bought the cart", "is still shopping", "left the cart long ago"],
    ),
    "new-this-week": (
        ["new", "new a week ago"],
        ["nobody", "new a week and a second ago"],
    ),
    "birthday-soon": (
        ["birthday today", "birthday in a week"],
        ["nobody", "birthday in eight days", "birthday yesterday"],
    ),
    "big-spenders": (["spent more"], ["nobody", "spent 1000", "spent more before"]),
    "one-time-buyers": (["bought once"], ["nobody", "bought once just now", "bought twice"]),
    "lapsing": (["used to buy"], ["nobody", "used to buy less", "still buys"]),
    "most-engaged": (
        ["reads and visits", "reads and clicks"],
        ["nobody", "only reads", "reads little and visits"],
    ),
    "unsubscribed": (["unsubscribed long ago"], ["nobody"]),
    "at-risk": (
        ["bought and went", "used to buy"],
        ["nobody", "bought and visits", "bought and reads", "still buys", "spent more before"],
    ),
}
"""By template, some who belong to it and some who do not."""


def test_every_template_has_its_members():
    assert {*SCENARIOS, *EXPECTED} == {*BY_KEY}


@pytest.mark.django_db
def test_templates_find_whom_they_promise_and_no_one_else():
    """All of them, from an empty installation on which they create what they need."""
    with override_settings(TIME_ZONE="UTC"):
        for template in TEMPLATES:
            begun(template)
        people = [fed(name, **values) for name, values in PEOPLE.items()]
        people += [fed(name, **of_case(one)) for name, one in WORLDS[0].people.items()]
        settle(now=NOW)

    for template in TEMPLATES:
        assert worlds.members_of(template.key) == by_oracle(template, people), template.key
    for key, (members, others) in EXPECTED.items():
        found = worlds.members_of(key)
        assert (set(members) - found, set(others) & found) == (set(), set()), key
    for key, name in SCENARIOS.items():
        [case] = [one for one in CASES if one.name == f"{WORLDS[0].name}-{name}"]
        assert worlds.members_of(key) & WORLDS[0].people.keys() == set(case.expect)


def begun(template: Template) -> None:
    segment = begin_from_template(
        template=template,
        name=template.key,
        description="",
        creating=[need.named for need in template.needs],
        author=None,
        now=NOW,
    ).segment
    services.update_segment(segment=segment, status="live", author=None, now=NOW)


def of_case(one: Person) -> dict[str, Any]:
    """Without the fields that no template needs."""
    attributes = {key: value for key, value in one.attributes.items() if key in FIELDS}
    return {"created_at": one.created_at, "attributes": attributes, "events": one.events}


def fed(name: str, **values: Any) -> Person:
    one = Person(id=0, built_in={"external_id": name}, **values)
    worlds.send_events(worlds.send_contact(one), one.events, now=NOW)
    return one


def by_oracle(template: Template, people: Iterable[Person]) -> set[str]:
    types = {key: raw["type"] for key, raw in FIELDS.items()}
    return {
        one.built_in["external_id"]
        for one in people
        if is_member(template.definition, one, NOW, UTC_ZONE, types, {})
    }
