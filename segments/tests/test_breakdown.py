"""Members by the values of a field, compared with all contacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.models import Contact
from segmentflow.clock import current_time
from segments.breakdown import counting
from segments.breakdown.fields import built_in_fields, own_fields
from segments.breakdown.grouping import Grouping, fitting_edges, fitting_length
from segments.breakdown.telling import break_down
from segments.engine.members import add_members, remove_members
from segments.tests.made import make_contact, make_field, make_segment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BREAKDOWN = reverse("segment_breakdown", args=["vips"])


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def segment():
    return make_segment(kind="static")


def people(segment, *, inside=(), outside=(), **common):
    """A contact for each of these values; answers the ids of the members."""
    made = [make_contact(**common, **values) for values in inside]
    for values in outside:
        make_contact(**common, **values)
    add_members(segment=segment, contact_ids=[one.pk for one in made], now=NOW)
    segment.refresh_from_db()
    return [one.pk for one in made]


def told(segment, key, *, since=NOW, zone="UTC"):
    [field] = [one for one in (*own_fields(), *built_in_fields()) if one.key == key]
    return break_down(segment, field, since=since, zone=zone)


def counts(segment, key, **asked):
    return {one.label: one.members for one in told(segment, key, **asked).groups}


def values(name, *given):
    return [{"attributes": {} if one is None else {name: one}} for one in given]


def countries(*given):
    return [{"country": one} for one in given]


def test_members_are_told_by_value_with_shares_and_lift(segment):
    people(segment, inside=countries("PL", "PL", "DE", ""), outside=countries("DE", "DE", "DE", ""))

    pl, de, none = told(segment, "country").groups

    assert (pl.label, pl.members, pl.share, pl.contacts, pl.contacts_share) == ("PL", 2, 50, 2, 25)
    assert (pl.lift, de.lift, none.lift) == (2.0, 0.5, 1.0)
    assert (none.kind, none.label, none.members, none.contacts) == ("none", "No value", 1, 2)


def test_spellings_are_one_value_called_as_most_write_it(segment):
    people(segment, inside=countries("pl", "PL", "PL"), outside=countries("Pl"))

    [group] = told(segment, "country").groups

    assert (group.label, group.members, group.contacts) == ("PL", 3, 4)


def test_what_is_not_among_the_twenty_largest_are_the_others(segment):
    many = [f"C{number:02}" for number in range(25)]
    people(segment, inside=countries(*many, *many[:20]), outside=countries("C24", "elsewhere"))

    groups = told(segment, "country").groups

    assert [one.label for one in groups] == [*many[:20], "Others"]
    assert (groups[-1].members, groups[-1].contacts) == (5, 7)


def test_who_entered_and_left_is_told_by_todays_values(segment):
    old, _, gone = people(segment, inside=countries("PL", "PL", "DE"))
    remove_members(segment=segment, contact_ids=[old, gone], now=NOW + timedelta(hours=1))
    Contact.objects.filter(pk=old).update(country="FR")

    groups = {one.label: one for one in told(segment, "country").groups}
    later = {
        one.label: one for one in told(segment, "country", since=NOW + timedelta(minutes=30)).groups
    }

    assert (groups["PL"].entered, groups["PL"].left, groups["PL"].growth) == (1, 0, 1)
    assert (groups["Others"].entered, groups["Others"].left) == (2, 2)
    assert (later["PL"].entered, later["Others"].entered, later["Others"].left) == (0, 0, 2)


def test_a_few_numbers_each_stand_for_themselves_in_order(segment):
    make_field("visits", "number")
    people(segment, inside=values("visits", 10, 9, 9.0, "x", None), outside=values("visits", 10))

    assert counts(segment, "visits") == {"9": 2, "10": 1, "No value": 2}
    assert list(counts(segment, "visits")) == ["9", "10", "No value"]


def test_many_numbers_are_put_into_round_ranges(segment):
    make_field("points", "number")
    people(segment, inside=values("points", *range(100)), outside=values("points", -5, 10_000))

    groups = told(segment, "points").groups

    assert [one.label for one in groups][:3] == ["Under 20", "20 to 39", "40 to 59"]
    assert [one.members for one in groups] == [20] * 5
    assert groups[0].contacts == 21
    assert groups[-1].label == "80 to 99"


@pytest.mark.parametrize("scale", ["0.001", "1", "1000000000000"])
def test_edges_are_round_and_hold_what_was_seen(scale):
    seen = [Decimal(scale) * number for number in range(-30, 300)]

    edges = fitting_edges(seen)

    assert 3 <= len(edges) <= 9
    assert edges == sorted(set(edges))
    assert seen[0] < edges[0]
    assert edges[-1] <= seen[-1] * 2


def test_parts_of_numbers_are_told_exactly(segment):
    make_field("share", "number")
    people(segment, inside=values("share", *(number / 20 for number in range(20))))

    labels = [one.label for one in told(segment, "share").groups]

    assert labels[1] == "0.2 to under 0.4"


def test_yes_and_no_have_their_words(segment):
    make_field("member", "boolean")
    people(segment, inside=values("member", True, True, False, None))  # noqa: FBT003 - values

    assert counts(segment, "member") == {"Yes": 2, "No": 1, "No value": 1}


def test_days_are_told_by_month_in_order(segment):
    make_field("joined", "date")
    people(segment, inside=values("joined", "2026-02-28", "2025-12-31", "2026-02-01", None))

    assert counts(segment, "joined") == {"December 2025": 1, "February 2026": 2, "No value": 1}
    assert next(iter(counts(segment, "joined"))) == "December 2025"


def test_instants_fall_into_the_month_of_the_workspace(segment):
    make_field("seen", "datetime")
    people(segment, inside=values("seen", "2026-01-31T23:30:00Z"))

    assert counts(segment, "seen") == {"January 2026": 1}
    assert counts(segment, "seen", zone="Europe/Warsaw") == {"February 2026": 1}


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        ([f"{year}-05-01" for year in range(2001, 2019)], [str(y) for y in range(2001, 2019)]),
        ([f"{year}-{year % 9 + 1:02}-01" for year in range(1950, 1990)], ["1950s", "1960s"]),
    ],
)
def test_what_lies_far_apart_is_told_more_coarsely(segment, days, labels):
    make_field("born", "date")
    people(segment, inside=values("born", *days, *[f"{day[:4]}-12-31" for day in days]))

    found = counts(segment, "born")

    assert list(found)[: len(labels)] == labels
    assert sum(found.values()) == 2 * len(days)


def test_months_years_and_decades():
    assert fitting_length(["2026-01"]) == 7
    assert fitting_length([f"2026-{month:02}" for month in range(1, 13)]) == 7
    assert fitting_length([f"20{n:02}-01" for n in range(21)]) == 3
    assert fitting_length([f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(60)]) == 4


def test_a_contact_is_in_every_group_of_its_list(segment):
    make_field("likes", "list")
    people(segment, inside=values("likes", ["Tea", "tea", "Jazz"], ["Tea"], []))

    found = told(segment, "likes")

    assert {one.label: one.members for one in found.groups} == {"Tea": 2, "Jazz": 1, "No value": 1}
    assert found.members == 3
    assert found.overlaps


@pytest.mark.plain_server(
    "it is made slow with pg_sleep, which is not computed on several machines"
)
def test_when_not_all_can_be_looked_at_some_stand_for_all(segment, monkeypatch):
    people(segment, inside=countries(*["PL"] * 300, *["DE"] * 100))
    monkeypatch.setattr(counting, "SAMPLE", 100)
    hasty = counting.Limits(1, 1, 1)
    country = next(one for one in built_in_fields() if one.key == "country")
    slow = Grouping("(SELECT NULLIF(c.country, '') FROM pg_sleep(0.005))", {})
    monkeypatch.setattr(counting, "grouping_of", lambda asked, *, zone: slow)

    found = break_down(segment, country, since=NOW, zone="UTC", limits=hasty)

    assert not found.is_exact
    assert not found.has_moves
    assert found.members == 400
    assert [one.label for one in found.groups if one.kind == "value"] == ["PL", "DE"]


class TestPage:
    def test_it_shows_the_field_asked_for_and_leads_to_the_contacts(self, client, reader, segment):
        make_field("tier")
        people(segment, inside=values("tier", "Gold", "Tin"))

        page = client.get(BREAKDOWN, {"field": "tier", "range": "7d"})

        assert page.context["field"].label == "Tier"
        link = next(link for group, link in page.context["rows"] if group.label == "Gold")
        shown = client.get(f"{reverse('contact_list')}?{link}")
        assert [row.pk for row in shown.context["page"].rows] == list(
            Contact.objects.filter(attributes__tier="Gold").values_list("pk", flat=True)
        )

    @pytest.mark.parametrize(
        ("type_", "given", "label"),
        [
            ("number", [1.5, 2], "1.5"),
            ("boolean", [True, False], "Yes"),
            ("list", [["a"], ["b"]], "a"),
            ("text", ["a", None], "No value"),
        ],
    )
    def test_each_value_leads_to_those_who_have_it(
        self, client, reader, segment, type_, given, label
    ):
        make_field("own", type_)
        people(segment, inside=values("own", *given))

        rows = client.get(BREAKDOWN, {"field": "own"}).context["rows"]

        link = next(link for group, link in rows if group.label == label)
        assert len(client.get(f"{reverse('contact_list')}?{link}").context["page"].rows) == 1

    @pytest.mark.parametrize("field", ["", "gone", "\0", "email"])
    def test_anything_else_is_the_country(self, client, reader, segment, field):
        page = client.get(BREAKDOWN, {"field": field})

        assert page.context["field"].key == "country"
        assert "Nobody is in it" in page.content.decode()

    @pytest.mark.plain_server(
        "it is made slow with pg_sleep, which is not computed on several machines"
    )
    def test_what_takes_too_long_says_so(self, client, reader, segment, monkeypatch):
        people(segment, inside=countries("PL"))
        slow = Grouping("(SELECT c.country FROM pg_sleep(0.2))", {})
        monkeypatch.setattr(counting, "grouping_of", lambda asked, *, zone: slow)
        monkeypatch.setattr("segments.views.breakdown.QUICK", counting.Limits(20, 20, 20))

        page = client.get(BREAKDOWN)

        assert page.status_code == 200
        assert "This takes too long to count" in page.content.decode()


def test_the_api_tells_the_same(client, reader, segment):
    people(segment, inside=countries("PL", "DE"), outside=countries("DE"))

    found = client.get("/api/v1/segments/vips/breakdown", {"range": "all"}).json()

    assert {key: found[key] for key in ("key", "members", "contacts", "exact")} == {
        "key": "country",
        "members": 2,
        "contacts": 3,
        "exact": True,
    }
    assert found["results"][1] == {
        "kind": "value",
        "value": "PL",
        "words": "PL",
        "members": 1,
        "share": 50.0,
        "contacts": 1,
        "contacts_share": 33.33,
        "lift": 1.5,
        "entered": 1 if current_time() >= NOW else 0,
        "left": 0,
    }


@pytest.mark.parametrize("query", ["field=gone", "field=email", "range=2d", "field=%00"])
def test_the_api_refuses_what_it_does_not_know(client, reader, segment, query):
    answer = client.get(f"/api/v1/segments/vips/breakdown?{query}")

    assert answer.status_code == 400
