"""Why a contact is in a segment or not, node by node."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contacts.models import Contact
from events.models import EventType
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.explain import Explanation, explain, foresee
from segments.engine.preview import preview
from segments.tests.made import NOW, make_contact, make_field
from segments.tests.test_engine import all_of, bought, happen

pytestmark = pytest.mark.django_db

LAST = {
    "kind": "occurrence",
    "event": "Purchase",
    "which": "last",
    "window": {"kind": "last", "amount": 1, "unit": "day"},
}


@pytest.fixture
def ann() -> Contact:
    EventType.objects.create(key="Purchase")
    make_field("score", "number")
    return make_contact("ann", attributes={"score": 7})


def explained(contact: Contact, *children: dict) -> tuple[Explanation, ...]:
    found = explain(parse(all_of(*children), current_catalog()), contact_id=contact.pk, now=NOW)
    assert found is not None
    return found.children


def test_a_field_shows_its_value(ann):
    [node] = explained(ann, {"kind": "field", "field": "score", "operator": "at_least", "value": 9})

    assert (node.truth, node.actual, node.until) == (False, "7", None)


def test_a_measure_shows_its_number_and_when_it_changes(ann):
    happen(ann, at=NOW - timedelta(hours=5))
    window = {"kind": "last", "amount": 6, "unit": "hour"}

    [node] = explained(ann, bought(window=window))

    assert (node.truth, node.actual) == (True, "1")
    assert node.until == NOW + timedelta(hours=1, microseconds=1)


def test_an_occurrence_shows_its_time(ann):
    happen(ann, at=NOW)

    [node] = explained(ann, LAST)

    assert (node.truth, node.actual) == (True, "2026-11-20T12:00:00+00:00")


def test_what_the_contact_lacks_is_none(ann):
    [node] = explained(ann, LAST)

    assert (node.truth, node.actual) == (False, None)


def test_a_change_is_foreseen_where_until_is_only_the_next_look(ann):
    """Two events leave the window one after the other; only the second one changes anything."""
    happen(ann, at=NOW - timedelta(hours=5))
    happen(ann, at=NOW - timedelta(hours=2))
    bought_twice = bought(window={"kind": "last", "amount": 6, "unit": "hour"})
    other = bought(operator="equals", value=5)
    group = parse(all_of(bought_twice, other), current_catalog())

    found = foresee(group, contact_id=ann.pk, now=NOW)

    assert found is not None
    first, second = found.children
    assert first.changes_at == first.until == NOW + timedelta(hours=4, microseconds=1)
    assert (second.changes_at, second.until) == (None, None)
    assert (found.truth, found.changes_at, found.until) == (False, None, None)


def test_what_never_changes_in_the_time_that_is_looked_at_is_only_said_not_to_change_before(ann):
    ann.attributes = {"born": "1990-05-17"}
    ann.save()
    make_field("born", "date")
    year = {"amount": 366, "unit": "day"}
    birthday = {
        "kind": "field",
        "field": "born",
        "operator": "anniversary_in_next",
        "value": year,
    }

    found = foresee(parse(all_of(birthday), current_catalog()), contact_id=ann.pk, now=NOW)

    assert found is not None
    assert found.truth
    assert found.changes_at is None
    assert found.until is not None
    assert found.until > NOW + timedelta(days=20 * 365)


def test_nobody_is_foreseen_as_none(ann):
    group = parse(all_of({"kind": "everyone"}), current_catalog())

    assert foresee(group, contact_id=ann.pk + 1, now=NOW) is None


def test_groups_explain_their_children(ann):
    inner = {"kind": "group", "match": "none", "children": [{"kind": "everyone"}, LAST]}

    [node] = explained(ann, inner)

    assert node.path == "children[0]"
    assert not node.truth
    assert [child.path for child in node.children] == [
        "children[0].children[0]",
        "children[0].children[1]",
    ]
    assert [child.truth for child in node.children] == [True, False]


def test_nobody_is_explained_as_none(ann):
    group = parse(all_of({"kind": "everyone"}), current_catalog())

    assert explain(group, contact_id=ann.pk + 1, now=NOW) is None


def test_a_preview_counts_every_node(ann):
    happen(ann)
    make_contact("bob")
    group = parse(all_of({"kind": "everyone"}, bought()), current_catalog())

    found = preview(group, now=NOW, sample=10)

    assert (found.count, found.exact, found.contact_ids) == (1, True, [ann.pk])
    assert [(node.path, node.count) for node in found.conditions] == [
        ("", 1),
        ("children[0]", 2),
        ("children[1]", 1),
    ]
