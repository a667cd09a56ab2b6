"""Real values to choose from: the most frequent ones that contain what was typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from contacts.models import Contact, Field
from events.models import Event, EventType
from segments.builder import suggestions
from segments.builder.suggestions import (
    Suggested,
    Suggestions,
    attribute_names,
    attribute_values,
    field_values,
)
from segments.tests.made import NOW, make_contact, make_field

pytestmark = pytest.mark.django_db

HOSTILE = ["'", '"', "%", "_", "\\", "%s", "%(key)s", "{key}", "; DROP TABLE x; --", "🦊", "$1"]
NO_TEXT = ["\x00", "a\x00b", "\ud800"]


def have(*values: Any, key: str = "tier", type_: str = "text") -> None:
    """A contact for each value."""
    make_field(key, type_)
    for value in values:
        make_contact(attributes={key: value})


def values_of(found: Suggestions) -> list[tuple[str, int | None]]:
    return [(one.value, one.count) for one in found.values]


def tiers(words: str = "", **given: Any) -> list[tuple[str, int | None]]:
    return values_of(field_values(field_key="tier", type="text", words=words, **given))


def happened(*attributes: dict[str, Any], key: str = "Purchase") -> None:
    """An event for each, one minute after the other."""
    event_type, _ = EventType.objects.get_or_create(key=key)
    contact = Contact.objects.create()
    Event.objects.bulk_create(
        Event(
            contact=contact,
            type=event_type,
            message_id=f"m{number}",
            occurred_at=NOW,
            received_at=NOW + timedelta(minutes=number),
            attributes=one,
        )
        for number, one in enumerate(attributes)
    )


def seen(attribute: str, words: str = "", **given: Any) -> list[tuple[str, int | None]]:
    found = attribute_values(event_key="Purchase", attribute=attribute, words=words, **given)
    assert not found.is_exact
    return values_of(found)


# Fields.


def test_the_most_frequent_value_comes_first():
    have("Gold", "Silver", "Gold", "", None, "Bronze", "Silver", "Gold")

    found = field_values(field_key="tier", type="text", words="")

    assert values_of(found) == [("Gold", 3), ("Silver", 2), ("Bronze", 1)]
    assert found.is_exact


def test_words_are_found_anywhere_and_in_any_case():
    have("Gold", "Rose gold", "Silver", "ŻÓŁTY")

    assert tiers("GOLD") == [("Gold", 1), ("Rose gold", 1)]
    assert tiers("żółty") == [("ŻÓŁTY", 1)]


def test_spellings_are_one_value_as_conditions_take_them():
    have("gold", "Gold", "Gold", "GOLD")

    assert tiers() == [("Gold", 4)]


def test_no_more_than_the_limit_are_suggested():
    have("a", "b", "b", "c", "c", "c")

    assert tiers(limit=2) == [("c", 3), ("b", 2)]


def test_choices_are_suggested_though_nobody_has_them():
    have("Gold", "Steel", "Steel")
    Field.objects.update(choices=["Bronze", "gold", "Platinum"])

    assert tiers() == [("Steel", 2), ("gold", 1), ("Bronze", 0), ("Platinum", 0)]
    assert tiers("plat") == [("Platinum", 0)]


def test_a_choice_keeps_its_count_when_others_are_more_frequent():
    have(*["a"] * 3, *["b"] * 2, "Gold")
    Field.objects.update(choices=["Gold"])

    assert tiers(limit=1) == [("a", 3)]
    assert tiers(limit=3) == [("a", 3), ("b", 2), ("Gold", 1)]


def test_numbers_are_suggested_as_they_are_written():
    have(1, 1.0, "1.50", 12, "no number", key="score", type_="number")

    found = field_values(field_key="score", type="number", words="1")

    assert values_of(found) == [("1", 2), ("1.5", 1), ("12", 1)]


def test_lists_give_their_elements_once_for_each_contact():
    have(["shoes", "hats"], ["shoes", "SHOES", "shoes"], [], "shoes", key="likes", type_="list")

    found = field_values(field_key="likes", type="list", words="")

    assert [(value.lower(), count) for value, count in values_of(found)] == [
        ("shoes", 2),
        ("hats", 1),
    ]


def test_built_in_fields_have_values_too():
    for city in ("Rome", "Paris", "Rome", ""):
        make_contact(city=city)

    found = field_values(field_key="city", type="text", words="")

    assert values_of(found) == [("Rome", 2), ("Paris", 1)]


def test_addresses_are_not_counted():
    for name in ("bea", "abe", "carl"):
        make_contact(email=f"{name}@example.com")

    found = field_values(field_key="email", type="text", words="BE")

    assert values_of(found) == [("bea@example.com", 1), ("abe@example.com", 1)]
    assert found.is_exact


@pytest.mark.parametrize("type_", ["boolean", "date", "datetime", "odd"])
def test_other_fields_suggest_nothing(type_: str):
    have("yes")

    assert field_values(field_key="tier", type=type_, words="") == Suggestions([], is_exact=True)


def test_long_texts_are_not_suggested():
    have("x" * 201, "x" * 200)

    assert tiers("x") == [("x" * 200, 1)]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_mean_nothing_but_themselves(words: str):
    have("plain", f"with {words} inside")
    happened({"a": "plain"}, {"a": f"with {words} inside"})
    make_contact(email="plain@example.com", city="plain")

    assert tiers(words) == [(f"with {words} inside", 1)]
    assert seen("a", words) == [(f"with {words} inside", 1)]
    for key in ("email", "city"):
        assert field_values(field_key=key, type="text", words=words).values == []


@pytest.mark.parametrize("text", [*HOSTILE, *NO_TEXT])
def test_what_is_no_field_and_no_event_type_suggests_nothing(text: str):
    assert field_values(field_key=text, type="text", words="").values == []
    assert attribute_values(event_key=text, attribute="a", words="").values == []
    assert attribute_names(text) == []


@pytest.mark.parametrize("text", NO_TEXT)
def test_what_no_value_can_contain_is_not_found(text: str):
    have("a")
    happened({"a": "a"})

    assert tiers(text) == []
    assert seen("a", text) == []
    assert seen(text) == []


def test_what_takes_too_long_is_taken_from_some_contacts(monkeypatch):
    """A limit of a millisecond is too short for this many."""
    make_field()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_contact (attributes)
            SELECT jsonb_build_object('tier', CASE WHEN n % 4 = 0 THEN 'Gold' ELSE 'no ' || n END)
            FROM generate_series(1, 20000) AS n
            """
        )
    monkeypatch.setattr(suggestions, "LIMIT_MS", 1)

    found = field_values(field_key="tier", type="text", words="")

    assert not found.is_exact
    [gold, *others] = found.values
    assert gold.value == "Gold"
    assert 4_300 <= (gold.count or 0) <= 5_700
    assert {other.count for other in others} == {None}


# Attributes of events.


def test_attributes_are_taken_from_events():
    happened({"a": "x"}, {"a": "y"}, {"a": "X"}, {"a": 1.50}, {"a": True}, {"a": None}, {"b": "z"})
    happened({"a": "other"}, key="Visit")

    assert [(value.lower(), count) for value, count in seen("a")] == [
        ("x", 2),
        ("1.5", 1),
        ("true", 1),
        ("y", 1),
    ]


def test_dotted_paths_lead_into_objects_unless_a_key_has_the_dots():
    happened(
        {"product": {"sku": "in"}},
        {"product.sku": "whole", "product": {"sku": "hidden"}},
        {"product": "none"},
        {"product": ["none"]},
    )

    assert seen("product.sku") == [("in", 1), ("whole", 1)]


def test_lists_of_events_give_their_elements():
    happened({"tags": ["a", "b", {"c": 1}, ["d"]]}, {"tags": ["a"]}, {"tags": []})

    assert seen("tags") == [("a", 2), ("b", 1)]


def test_only_the_newest_events_are_looked_at(monkeypatch):
    happened({"a": "old"}, {"a": "new"}, {"a": "newest"})
    monkeypatch.setattr(suggestions, "NEWEST", 2)

    assert {value for value, _ in seen("a")} == {"new", "newest"}


def test_an_endless_path_is_no_attribute():
    happened({"a": "x"})

    assert seen("a." * 5_000) == []


def test_attributes_have_the_type_that_most_events_gave_them():
    EventType.objects.create(
        key="Purchase",
        attributes={
            "note": {"types": {"text": 2}, "samples": []},
            "amount": {"types": {"text": 1, "number": 9}, "samples": []},
            "nothing": {"types": {}, "samples": []},
        },
    )

    assert attribute_names("Purchase") == [("amount", "number"), ("note", "text")]
    assert attribute_names("Visit") == []


def test_a_suggestion_is_a_value_with_its_count():
    have("Gold")

    [found] = field_values(field_key="tier", type="text", words="").values

    assert found == Suggested("Gold", 1)
