"""Another time zone for the workspace: members follow its days, all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.problems import Refused
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.api.keys import create_key
from segmentflow.clock import workspace_zone
from segmentflow.local_time import LocalTimeMiddleware
from segmentflow.workspace import current_workspace
from segments.engine import lane, refresh
from segments.engine.check import check
from segments.engine.settle import settle
from segments.engine.store import store
from segments.models import Membership, Rebuild, Segment, Transition
from segments.services import create_segment, update_segment
from segments.tests.made import in_segment
from segments.zone import apply_zone, change_zone, is_changing

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATE_YESTERDAY = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
"""Today already in Warsaw."""


def did(window, *, match="all"):
    child = {"kind": "event", "event": "Purchase", "window": window}
    return {"kind": "group", "match": match, "children": [child]}


TODAY = did({"kind": "period", "period": "today"})


@pytest.fixture(autouse=True)
def _environment(settings):
    settings.TIME_ZONE = "UTC"


def buy(name, *, at=LATE_YESTERDAY):
    row = EventRow(ContactRef("external_id", name), "Purchase", at, f"{name}-{at}")
    record_events(rows=[row], now=NOW)


def make_today(*, key="today", definition=TODAY):
    EventType.objects.get_or_create(key="Purchase")
    apply_zone()
    segment = create_segment(
        key=key, name="Bought today", definition=definition, author=None, now=NOW
    )
    buy("anna")
    settle(now=NOW)
    return segment


@pytest.fixture
def today(db):
    return make_today()


def members():
    rows = Membership.objects.values_list("segment__key", "contact__external_id")
    return sorted(rows)


def names():
    return [name for _, name in members()]


@pytest.mark.django_db
class TestChoosing:
    def test_the_environment_decides_until_somebody_chooses(self, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        assert workspace_zone().key == "Asia/Tokyo"

        change_zone(name="Europe/Warsaw")

        assert workspace_zone().key == "Europe/Warsaw"

    @pytest.mark.parametrize("name", ["", "Warsaw", "Europe/Atlantis", "../../etc/passwd", "utc+1"])
    def test_what_is_no_zone_is_refused_and_changes_nothing(self, name):
        with pytest.raises(Refused, match="no time zone"):
            change_zone(name=name)

        assert current_workspace().time_zone == ""

    def test_pages_tell_local_times_and_programs_get_an_offset(self, rf, django_assert_num_queries):
        change_zone(name="Europe/Warsaw")
        seen = []

        def answer(_request):
            seen.append(timezone.get_current_timezone_name())
            return HttpResponse()

        middleware = LocalTimeMiddleware(answer)

        with django_assert_num_queries(1):
            middleware(rf.get("/segments"))
        with django_assert_num_queries(0):
            middleware(rf.get("/api/v1/segments"))

        assert seen == ["Europe/Warsaw", "UTC"]

    @pytest.mark.parametrize(
        ("times", "reads"),
        [
            (["2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00"], 0),
            (["2026-11-20T10:00:00", "2026-11-20T11:00:00"], 1),
        ],
    )
    def test_only_times_without_an_offset_make_ingestion_ask_for_the_zone(
        self, client, times, reads
    ):
        _, key = create_key(name="till", scopes=["ingest"])
        event = {"contact": {"external_id": "a"}, "type": "Purchase"}
        events = [event | {"occurred_at": at} for at in times]

        with CaptureQueriesContext(connection) as queries:
            answer = client.post(
                "/api/v1/events",
                {"events": events},
                content_type="application/json",
                headers={"authorization": f"Bearer {key}"},
            )

        assert answer.json()["accepted"] == 2
        assert sum("time_zone" in query["sql"] for query in queries) == reads


@pytest.mark.django_db
class TestMembers:
    def test_they_follow_the_new_days_and_the_log_says_why(self, today):
        assert members() == []

        assert change_zone(name="Europe/Warsaw") == 1
        assert is_changing()
        settle(now=NOW)

        assert members() == [("today", "anna")]
        assert Transition.objects.get().cause == {"kind": "zone", "zone": "Europe/Warsaw"}
        assert not is_changing()
        assert check(now=NOW) == []

    def test_what_already_left_by_the_new_days_goes(self, today):
        buy("ben", at=datetime(2026, 11, 20, 0, 30, tzinfo=UTC))
        settle(now=NOW)
        assert names() == ["ben"]

        change_zone(name="America/New_York")  # where this was yesterday's evening
        settle(now=NOW)

        assert members() == []

    def test_the_old_ones_stay_until_the_new_ones_are_complete(self, today):
        buy("ben", at=NOW)
        settle(now=NOW)

        change_zone(name="Europe/Warsaw")
        lane.advance_rebuilds(now=NOW)

        assert names() == ["ben"]

    def test_deadlines_follow_too(self, today):
        buy("ben", at=NOW)
        settle(now=NOW)
        change_zone(name="Europe/Warsaw")
        settle(now=NOW)

        settle(now=datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC))
        assert names() == ["anna", "ben"]
        settle(now=datetime(2026, 11, 20, 23, 0, tzinfo=UTC))

        assert members() == []

    def test_days_in_a_definition_mean_other_instants(self, db):
        day = {"kind": "between", "from": "2026-11-20", "to": "2026-11-20"}
        make_today(key="that-day", definition=did(day))

        change_zone(name="Europe/Warsaw")
        settle(now=NOW)
        assert names() == ["anna"]
        change_zone(name="UTC")
        settle(now=NOW)

        assert members() == []
        assert check(now=NOW) == []

    def test_what_waits_and_what_is_being_built_meanwhile_comes_out_right(self, today):
        buy("ben")
        update_segment(segment=today, definition=TODAY, author=None, now=NOW)
        lane.advance_rebuilds(now=NOW)  # a bite in the old zone
        change_zone(name="Europe/Warsaw")
        buy("carl")
        upsert_contacts(rows=[ContactRow(built_in={"external_id": "dora"})], now=NOW)

        settle(now=NOW)

        assert names() == ["anna", "ben", "carl"]
        assert check(now=NOW) == []

    def test_there_and_back_while_it_is_computed_ends_where_it_began(self, today):
        change_zone(name="Europe/Warsaw")
        lane.advance_rebuilds(now=NOW)
        change_zone(name="UTC")

        settle(now=NOW)

        assert members() == []
        assert check(now=NOW) == []

    def test_a_definition_read_in_one_zone_is_not_used_in_another(self, today):
        """Segments that others refer to are read again, too."""
        definition = in_segment("today")
        create_segment(key="outer", name="Outer", definition=definition, author=None, now=NOW)
        settle(now=NOW)

        for zone, inside in [("Europe/Warsaw", 2), ("UTC", 0), ("Europe/Warsaw", 2)]:
            change_zone(name=zone)
            settle(now=NOW)
            assert len(members()) == inside
            assert check(now=NOW) == []

    def test_those_of_a_paused_segment_follow_when_it_goes_live_again(self, today):
        update_segment(segment=today, status=Segment.Status.PAUSED, author=None, now=NOW)
        change_zone(name="Europe/Warsaw")
        settle(now=NOW)
        assert members() == []

        update_segment(segment=today, status=Segment.Status.LIVE, author=None, now=NOW)
        settle(now=NOW)

        assert members() == [("today", "anna")]


@pytest.mark.django_db
class TestStarting:
    def test_in_another_environment_computes_once_and_only_once(self, today, settings):
        settings.TIME_ZONE = "Europe/Warsaw"
        before = Rebuild.objects.count()

        call_command("apply_zone")
        call_command("apply_zone")
        settle(now=NOW)
        call_command("apply_zone")

        assert Rebuild.objects.count() == before + 1
        assert members() == [("today", "anna")]

    def test_for_the_first_time_computes_nothing(self):
        assert apply_zone() == 0
        assert current_workspace().applied_zone == "UTC"

    def test_does_not_matter_once_a_zone_is_chosen(self, today, settings):
        change_zone(name="Europe/Warsaw")
        settings.TIME_ZONE = "Asia/Tokyo"

        assert apply_zone() == 0

    def test_choosing_what_already_holds_computes_nothing(self, today):
        assert change_zone(name="UTC") == 0
        assert current_workspace().time_zone == "UTC"


@pytest.mark.django_db(transaction=True)
def test_an_evaluation_that_began_in_the_old_zone_is_waited_for(monkeypatch):
    """It has read the zone, and stores its answer after the change is committed."""
    make_today()
    change_zone(name="Europe/Warsaw")
    settle(now=NOW)
    has_read, go_on = Signal(), Signal()

    def store_later(*args, **kwargs):
        has_read.set()
        assert go_on.wait(10)
        return store(*args, **kwargs)

    monkeypatch.setattr(refresh, "store", store_later)
    buy("ben")

    def follow():
        refresh.refresh_pending(now=NOW)
        connections.close_all()

    late = Thread(target=follow)
    late.start()
    assert has_read.wait(10)
    change_zone(name="UTC")

    def settle_the_rest():
        settle(now=NOW)
        connections.close_all()

    rest = Thread(target=settle_the_rest)
    rest.start()
    rest.join(0.5)  # long enough for a rebuild that does not wait
    go_on.set()
    late.join()
    rest.join()

    assert members() == []
    assert check(now=NOW) == []


@pytest.mark.django_db(transaction=True)
def test_nobody_sees_the_zone_without_its_rebuilds():
    make_today()

    with transaction.atomic():
        change_zone(name="Europe/Warsaw")
        seen = []

        def look():
            seen.append((workspace_zone().key, is_changing()))
            connections.close_all()

        other = Thread(target=look)
        other.start()
        other.join()

    assert seen == [("UTC", False)]
    assert (workspace_zone().key, is_changing()) == ("Europe/Warsaw", True)
