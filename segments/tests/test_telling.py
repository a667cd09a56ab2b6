"""What distinguishes members is found, what is chance is not, and it is told as a condition."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from contacts.models import Contact
from events.models import Event, EventType
from segments.distinguishing import sampled
from segments.distinguishing.sampled import sample_of
from segments.distinguishing.suggestions import Suggestions, suggestions_for
from segments.distinguishing.telling import Counted, counted, telling, wilson
from segments.distinguishing.traits import Trait
from segments.models import Membership, Segment
from segments.tests.made import GOLD, NOW, make_field, make_segment, settled

pytestmark = pytest.mark.django_db


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - people, not secrets


def make_people(rng: Random, number: int, **planted: float) -> list[Contact]:
    """Like each other but for what is planted: a share of those with an even number have it."""

    def has(name: str, place: int) -> bool:
        return rng.random() < (planted.get(name, 0) if place % 2 == 0 else 0.1)

    types = {key: EventType.objects.create(key=key) for key in ("Purchase", "Visit")}
    Contact.objects.bulk_create(
        Contact(
            external_id=f"u{place}",
            email=f"u{place}@example.com" if rng.random() < 0.5 else "",
            country="Norway" if has("norway", place) else rng.choice(["Spain", "Italy"]),
            city=rng.choice("ABCDEFGH"),
            attributes={
                "points": rng.randint(0, 100) + (60 if has("points", place) else 0),
                "likes": [rng.choice("xyz"), *(["Tea"] if has("tea", place) else [])],
            },
        )
        for place in range(number)
    )
    # Read anew: a cluster answers what is stored at once in an order of its own.
    made = sorted(Contact.objects.all(), key=lambda one: int(one.external_id[1:]))
    Event.objects.bulk_create(
        Event(
            contact=one,
            message_id=f"m{place}{key}",
            type=types[key],
            occurred_at=NOW - timedelta(days=rng.randint(0, 80) if key == "Visit" else 20),
            attributes={"category": "shoes" if has("shoes", place) else rng.choice("pqr")},
        )
        for place, one in enumerate(made)
        for key in types
        if key == "Visit" or has("purchase", place)
    )
    return made


def make_list(contacts: list[Contact]) -> Segment:
    """A list of these; who is on it follows from nothing."""
    segment = Segment.objects.create(
        key="list",
        name="List",
        kind="static",
        status="live",
        built_at=NOW,
        member_count=len(contacts),
    )
    Membership.objects.bulk_create(
        Membership(contact=one, segment=segment, entered_at=NOW) for one in contacts
    )
    return segment


@pytest.fixture
def fields():
    make_field("points", "number")
    make_field("likes", "list")


def sentences(suggestions: Suggestions) -> list[str]:
    return [one.sentence for one in suggestions.found]


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("norway", "Country is Norway"),
        ("tea", "Likes contains Tea"),
        ("points", "Points is at least"),
        ("purchase", "Has performed Purchase in the last 90 days"),
        ("shoes", "category is shoes"),
    ],
)
def test_what_members_have_is_found_first(fields, planted, said):
    people = make_people(chance(1), 400, **{planted: 0.6})
    found = suggestions_for(make_list(people[::2]), now=NOW)

    assert said in sentences(found)[0]
    assert {one.numbers.trait.ref for one in found.found} <= {
        *("country", "likes", "points", "Purchase", "Visit")
    }
    best = found.found[0].numbers
    assert best.members_with > 0.4 * best.members
    assert best.lift is None or best.lift > 1.5


@pytest.mark.parametrize("seed", range(4))
def test_of_chance_nothing_is_said(fields, seed):
    rng = chance(seed)
    people = make_people(rng, 400)
    found = suggestions_for(make_list(rng.sample(people, 150)), now=NOW)

    assert not sentences(found)


def test_the_numbers_are_those_of_everybody_when_they_are_few(fields):
    people = make_people(chance(2), 200, norway=0.7)
    members = people[::2]
    found = suggestions_for(make_list(members), now=NOW)
    [norway] = [one for one in found.found if one.sentence == "Country is Norway"]

    assert found.looked_at.is_all
    assert norway.numbers.members == 100
    assert norway.numbers.members_with == sum(one.country == "Norway" for one in members)
    assert norway.numbers.others_with == sum(one.country == "Norway" for one in people[1::2])
    assert norway.condition == {
        "kind": "field",
        "field": "country",
        "operator": "equals",
        "value": "Norway",
    }


def test_what_the_definition_is_about_is_marked():
    make_field()
    Contact.objects.bulk_create(
        Contact(external_id=f"u{n}", city="Oslo" if n % 3 else "Rome", attributes={"tier": tier})
        for n in range(60)
        for tier in [("Gold", "Silver")[n % 2]]
    )
    segment = settled(make_segment("gold", GOLD))

    found = suggestions_for(segment, now=NOW)

    assert segment.member_count == 30
    assert [(one.sentence, one.is_mentioned) for one in found.found] == [("Tier is Gold", True)]


def test_of_many_some_are_looked_at(monkeypatch, fields):
    monkeypatch.setattr(sampled, "SAMPLE", 50)
    people = make_people(chance(3), 400, norway=0.9)
    segment = make_list(people[::2])
    sample = sample_of(segment, since=NOW - timedelta(days=90), now=NOW)

    assert (len(sample.members), len(sample.others)) == (50, 50)
    assert (sample.total_members, sample.total_others) == (200, 200)
    assert not sample.is_all
    assert "Country is Norway" in sentences(suggestions_for(segment, now=NOW))


def test_a_very_large_segment_is_looked_at_by_ids(monkeypatch, fields):
    monkeypatch.setattr(sampled, "MANY", 100)
    monkeypatch.setattr(sampled, "SAMPLE", 40)
    people = make_people(chance(3), 400, norway=0.9)
    sample = sample_of(make_list(people[::2]), since=NOW - timedelta(days=90), now=NOW)

    assert len(sample.members) == len(sample.others) == 40


def test_of_amounts_one_is_told(fields):
    people = make_people(chance(4), 600, points=0.9)
    found = suggestions_for(make_list(people[::2]), now=NOW)

    assert [one.numbers.trait.ref for one in found.found].count("points") == 1


TRAIT = Trait("field", "city", "", "text", "equals", "oslo")


def test_few_members_say_nothing():
    assert not telling([Counted(TRAIT, 4, 4, 0, 1_000)])
    assert not telling([Counted(TRAIT, 10, 1_000, 0, 1_000)])  # 1 % of them
    assert telling([Counted(TRAIT, 100, 1_000, 5, 1_000)])


def test_a_large_sample_does_not_make_little_telling():
    assert not telling([Counted(TRAIT, 5_500, 10_000, 5_000, 10_000)])


def test_much_and_frequent_comes_before_rare_and_more():
    often, rarely = TRAIT._replace(ref="often"), TRAIT._replace(ref="rarely")
    found = telling([Counted(rarely, 60, 1_000, 2, 1_000), Counted(often, 800, 1_000, 150, 1_000)])

    assert [one.trait.ref for one in found] == ["often", "rarely"]


def test_wilson_knows_the_published_bounds():
    """As in Brown, Cai and DasGupta (2001): 2 of 20 at 95 %."""
    low, high = wilson(2, 20, 1.959964)

    assert (round(low, 4), round(high, 4)) == (0.0279, 0.3010)
    assert wilson(0, 0, 2) == (0.0, 1.0)
    assert wilson(0, 10, 2)[0] == 0
    assert wilson(10, 10, 2)[1] == 1


def test_counting_counts():
    other, rare = TRAIT._replace(value=Decimal(1)), TRAIT._replace(value="rare")
    found = counted(Counter({TRAIT: 6, other: 1}), 8, Counter({other: 4, rare: 4}), 9)

    assert sorted(found, key=lambda one: one.members_with) == [
        Counted(other, 1, 8, 4, 9),
        Counted(TRAIT, 6, 8, 0, 9),
    ]
