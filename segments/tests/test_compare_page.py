"""Several segments side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from segmentflow.clock import current_time
from segmentflow.models import TallySubject
from segmentflow.tallies import add
from segments.models import Segment

pytestmark = pytest.mark.django_db

COMPARE = reverse("segment_compare")
ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def segments():
    """Grown: from 10 to 15 in the last days. Young: 4 three days ago, then 2. Empty: nobody."""
    grown, young, _ = (
        Segment.objects.create(key=key, name=key.capitalize(), status="live")
        for key in ("grown", "young", "empty")
    )
    now = current_time()
    add(ENTERED, grown.pk, {now - timedelta(days=90): 10, now - timedelta(days=2): 5})
    add(ENTERED, young.pk, {now - timedelta(days=3): 4})
    add(LEFT, young.pk, {now: 2})


def lines(client, *keys, **asked):
    return client.get(COMPARE, {"segment": keys} | asked).context["lines"]


def test_each_segment_has_a_line_and_its_numbers(client, reader, segments):
    grown, young = lines(client, "grown", "young")

    assert (grown.start, grown.now, grown.change, grown.percent) == (10, 15, 5, 50.0)
    assert grown.since is None
    assert (young.start, young.now, young.change, young.percent) == (4, 2, -2, -50.0)
    assert young.since.first == (current_time() - timedelta(days=3)).date()
    assert (young.entered, young.left) == (4, 2)


def test_the_table_holds_sizes_or_changes_since_the_start(client, reader, segments):
    asked = {"segment": ["grown", "young", "empty"]}
    sizes = client.get(COMPARE, asked).context["rows"]
    changes = client.get(COMPARE, asked | {"as": "change"}).context["rows"]

    assert len(sizes) == 30
    assert [row["values"] for row in sizes[-4:]] == [(10, 4, 0), (15, 4, 0), (15, 4, 0), (15, 2, 0)]
    assert changes[0]["values"] == (0.0, None, None)
    assert changes[-1]["values"] == (50.0, -50.0, None)


@pytest.mark.parametrize(("range_", "rows"), [("24h", 24), ("7d", 168), ("all", 91), ("x", 30)])
def test_the_time_compared_is_of_choice(client, reader, segments, range_, rows):
    assert len(client.get(COMPARE, {"segment": "grown", "range": range_}).context["rows"]) == rows


def test_what_is_longer_than_a_year_is_told_by_the_week(client, reader, segments):
    add(ENTERED, Segment.objects.get(key="empty").pk, {current_time() - timedelta(days=700): 1})

    grown, empty = lines(client, "grown", "empty", range="all")

    assert grown.drawn.grain == "week"
    assert len(grown.drawn.points) in (101, 102)
    assert [point.first for point in grown.drawn.points[1:]] == [
        point.last + timedelta(days=1) for point in grown.drawn.points[:-1]
    ]
    assert grown.now == 15
    assert empty.drawn.points[0].entered == 1


def test_no_more_than_five_are_compared_and_the_others_are_named(client, reader):
    for number in range(7):
        Segment.objects.create(key=f"s{number}", name=f"Number {number}")

    page = client.get(COMPARE, {"segment": [f"s{number}" for number in range(7)]})

    assert len(page.context["lines"]) == 5
    assert "“Number 5”, “Number 6” are left out" in page.content.decode()
    assert not page.context["others"]


def test_unknown_keys_are_said_and_change_nothing(client, reader, segments):
    page = client.get(COMPARE, {"segment": ["grown", "gone", "\0", "grown", ""]})

    assert [line.segment.key for line in page.context["lines"]] == ["grown"]
    assert "2 segments in this address are no longer there" in page.content.decode()


def test_nothing_chosen_asks_for_segments(client, reader, segments):
    Segment.objects.filter(key="empty").update(status="archived")
    page = client.get(COMPARE)

    assert "Nothing to compare yet" in page.content.decode()
    assert [one.key for one in page.context["others"]] == ["grown", "young"]


def test_each_line_can_be_taken_out(client, reader, segments):
    page = client.get(COMPARE, {"segment": ["grown", "young"], "range": "7d"}).content.decode()

    assert 'href="?segment=young&amp;range=7d"' in page
    assert 'href="?segment=grown&amp;range=7d"' in page


def test_ticked_segments_of_the_list_are_compared(client, reader, segments):
    page = client.get(reverse("segment_list")).content.decode()

    assert f'action="{COMPARE}"' in page
    assert 'name="segment" form="bulk" type="checkbox" value="grown"' in page
