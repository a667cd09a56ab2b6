"""Another time zone for the workspace: members follow its days, all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.problems import Refused
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import workspace_zone
from segmentflow.workspace import current_workspace, update_workspace
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Membership, Rebuild, Segment, Transition
from segments.services import create_segment, update_segment
from segments.zone import ZoneWatch, apply_zone, change_zone, is_changing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATE_YESTERDAY = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
"""Today already in Warsaw."""

TODAY = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "event",
            "event": "Purchase",
            "window": {"kind": "period", "period": "today"},
        }
    ],
}


@pytest.fixture(autouse=True)
def reads_the_stored_zone(settings):
    settings.TIME_ZONE = "UTC"
    settings.ZONE_KEPT_SECONDS = 0.0


def buy(name, *, at=LATE_YESTERDAY):
    row = EventRow(ContactRef("external_id", name), "Purchase", at, f"{name}-{at}")
    record_events(rows=[row], now=NOW)


@pytest.fixture
def today():
    EventType.objects.create(key="Purchase")
    update_workspace(applied_zone="UTC")
    segment = create_segment(
        key="today", name="Bought today", definition=TODAY, author=None, now=NOW
    )
    buy("anna")
    settle(now=NOW)
    return segment


def members():
    rows = Membership.objects.values_list("segment__key", "contact__external_id")
    return sorted(rows)


def pass_on(watch=None):
    """As the watching process does, some seconds long."""
    watch = watch or ZoneWatch()
    for seconds in range(5):
        watch.check(now=NOW + timedelta(seconds=2 * seconds))


def test_the_environment_decides_until_somebody_chooses(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    assert workspace_zone().key == "Asia/Tokyo"

    change_zone(name="Europe/Warsaw")

    assert workspace_zone().key == "Europe/Warsaw"


@pytest.mark.parametrize("name", ["", "Warsaw", "Europe/Atlantis", "../../etc/passwd", "utc+1"])
def test_what_is_no_zone_is_refused_and_changes_nothing(name):
    with pytest.raises(Refused, match="no time zone"):
        change_zone(name=name)

    assert current_workspace().time_zone == ""


def test_members_follow_the_new_days_and_the_log_says_why(today):
    assert members() == []

    change_zone(name="Europe/Warsaw")
    assert is_changing()
    pass_on()
    settle(now=NOW)

    assert members() == [("today", "anna")]
    assert Transition.objects.get().cause == {"kind": "zone", "zone": "Europe/Warsaw"}
    assert not is_changing()
    assert check(now=NOW) == []


def test_nothing_is_computed_before_every_process_has_noticed(today, settings):
    settings.ZONE_KEPT_SECONDS = 1.0
    watch = ZoneWatch()
    change_zone(name="Europe/Warsaw")

    watch.check(now=NOW)
    watch.check(now=NOW + timedelta(seconds=1.9))
    assert not Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists()

    watch.check(now=NOW + timedelta(seconds=2.1))
    assert Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists()


def test_what_somebody_still_computed_in_the_old_zone_is_replaced(today, settings):
    change_zone(name="Europe/Warsaw")
    settings.ZONE_KEPT_SECONDS = None  # a process that has not noticed: it keeps the environment's
    buy("ben")
    settle(now=NOW)
    assert members() == []
    settings.ZONE_KEPT_SECONDS = 0.0

    pass_on()
    settle(now=NOW)

    assert members() == [("today", "anna"), ("today", "ben")]


def test_what_waits_and_what_is_being_built_meanwhile_comes_out_right(today):
    buy("ben")
    update_segment(segment=today, definition=TODAY, author=None, now=NOW)
    change_zone(name="Europe/Warsaw")
    pass_on()
    buy("carl")
    upsert_contacts(rows=[ContactRow(built_in={"external_id": "dora"})], now=NOW)

    settle(now=NOW)

    assert [name for _, name in members()] == ["anna", "ben", "carl"]
    assert check(now=NOW) == []


def test_changing_back_before_it_is_applied_computes_nothing(today):
    watch = ZoneWatch()
    change_zone(name="Europe/Warsaw")
    watch.check(now=NOW)
    change_zone(name="UTC")
    before = Rebuild.objects.count()

    pass_on(watch)

    assert Rebuild.objects.count() == before
    assert not is_changing()


def test_a_start_in_another_environment_computes_once(today, settings):
    settings.TIME_ZONE = "Europe/Warsaw"
    before = Rebuild.objects.count()

    pass_on()
    pass_on()
    settle(now=NOW)

    assert Rebuild.objects.count() == before + 1
    assert members() == [("today", "anna")]


def test_a_first_start_computes_nothing(settings):
    assert apply_zone("Europe/Warsaw") == 0
    assert current_workspace().applied_zone == "Europe/Warsaw"


def test_a_paused_segment_follows_when_it_goes_live_again(today):
    update_segment(segment=today, status=Segment.Status.PAUSED, author=None, now=NOW)
    change_zone(name="Europe/Warsaw")
    pass_on()
    settle(now=NOW)
    assert members() == []

    update_segment(segment=today, status=Segment.Status.LIVE, author=None, now=NOW)
    settle(now=NOW)

    assert members() == [("today", "anna")]


def test_pages_tell_local_times_and_programs_get_an_offset(client, rf):
    from segmentflow.local_time import LocalTimeMiddleware

    change_zone(name="Europe/Warsaw")
    seen = []
    middleware = LocalTimeMiddleware(
        lambda request: seen.append(timezone.get_current_timezone_name())
    )

    middleware(rf.get("/segments"))
    middleware(rf.get("/api/v1/segments"))

    assert seen == ["Europe/Warsaw", "UTC"]
