"""Members follow data and time: what a marketer sees after each change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from contacts.changes import Change, Kind, record_changes
from contacts.models import Contact, PendingMark
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from segments import services
from segments.engine import lane, pending
from segments.engine import settle as settling
from segments.engine.check import check
from segments.engine.deadlines import next_due_at
from segments.engine.members import add_members, remove_members
from segments.engine.publish import rebuild_segment
from segments.engine.refresh import refresh_pending
from segments.models import Candidate, Deadline, Membership, Rebuild, Segment, Transition
from segments.tests.made import (
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    settled,
)

pytestmark = pytest.mark.django_db

MICROSECOND = timedelta(microseconds=1)


def settle(now: datetime = NOW) -> None:
    settling.settle(now=now)


def gold_row(external_id: str) -> ContactRow:
    return ContactRow(built_in={"external_id": external_id}, attributes={"tier": "Gold"})


@transaction.atomic
def happen(
    contact: Contact,
    event: str = "Purchase",
    at: datetime = NOW,
    message_id: str = "",
    **attributes,
) -> None:
    event_type, _ = EventType.objects.get_or_create(key=event)
    Event.objects.create(
        contact=contact,
        message_id=message_id or f"{event}-{at.isoformat()}",
        type=event_type,
        occurred_at=at,
        attributes=attributes,
    )
    record_changes([Change(contact.pk, Kind.EVENT, event, at)])


@transaction.atomic
def set_field(contact: Contact, key: str, value: object) -> None:
    contact.attributes = {**contact.attributes, key: value}
    contact.save()
    record_changes([Change(contact.pk, Kind.FIELD, key)])


def bite_off(contacts: int, monkeypatch) -> None:
    """So many in each bite of a rebuild."""
    monkeypatch.setattr(lane, "MOST", contacts)
    monkeypatch.setattr(lane.pace, "size", contacts)


def all_of(*children: dict) -> dict:
    return {"kind": "group", "match": "all", "children": list(children)}


LAST_DAY = {"kind": "last", "amount": 1, "unit": "day"}


def bought(**parts: object) -> dict:
    return {"kind": "event", "event": "Purchase", **parts}


SUM = {"of": "sum", "attribute": "amount"}
LAST_PURCHASE_LONG_AGO = all_of(
    {
        "kind": "occurrence",
        "event": "Purchase",
        "which": "last",
        "window": {"kind": "before_ago", "amount": 90, "unit": "day"},
    }
)


def members(key: str = "vips") -> set[int]:
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))


@pytest.fixture(autouse=True)
def purchases():
    EventType.objects.create(key="Purchase")


def test_an_event_brings_a_contact_in():
    contact = make_contact("ann")
    make_segment(definition=all_of(bought()))
    settle()
    assert members() == set()

    happen(contact)
    refresh_pending(now=NOW)

    assert members() == {contact.pk}
    transition = Transition.objects.get()
    assert transition.entered
    assert transition.at == NOW
    assert transition.cause == {
        "kind": "event",
        "type": "Purchase",
        "occurred_at": NOW.isoformat(),
    }


def test_time_alone_brings_a_contact_in_at_the_very_instant():
    contact = make_contact("ann")
    happen(contact, at=NOW)
    make_segment(definition=LAST_PURCHASE_LONG_AGO)
    settle()

    due_at = next_due_at()
    assert due_at == NOW + timedelta(days=90) + MICROSECOND
    settle(due_at - MICROSECOND)
    assert members() == set()
    settle(due_at)

    assert members() == {contact.pk}
    assert Transition.objects.get().cause == {"kind": "time"}


def test_a_late_event_moves_a_deadline_earlier():
    contact = make_contact("ann")
    make_segment(
        definition=all_of(
            bought(
                operator="at_least", value=2, window={"kind": "last", "amount": 10, "unit": "day"}
            )
        )
    )
    happen(contact, at=NOW)
    happen(contact, at=NOW - timedelta(hours=1))
    settle()
    assert members() == {contact.pk}

    leaves_at = NOW - timedelta(hours=1) + timedelta(days=10) + MICROSECOND
    assert next_due_at() == leaves_at
    settle(leaves_at)

    assert members() == set()


def test_a_future_event_counts_from_its_own_time_on():
    contact = make_contact("ann")
    make_segment(definition=all_of(bought()))
    settle()

    happen(contact, at=NOW + timedelta(hours=2))
    settle()
    assert members() == set()
    settle(NOW + timedelta(hours=2))

    assert members() == {contact.pk}


def test_only_what_changed_is_written():
    contact = make_contact("ann")
    happen(contact, at=NOW - timedelta(days=1))
    make_segment(definition=all_of(bought()))
    settle()

    happen(contact, at=NOW)
    settle()

    assert Transition.objects.count() == 1


def test_the_count_of_members_follows():
    make_field()
    make_segment(definition=GOLD)
    one, two = make_contact("one", attributes={"tier": "gold"}), make_contact("two")
    settle()
    assert Segment.objects.get().member_count == 1

    set_field(two, "tier", "Gold")
    set_field(one, "tier", "Silver")
    settle()

    assert Segment.objects.get().member_count == 1
    assert members() == {two.pk}


def test_a_segment_of_a_segment_follows_its_data():
    make_field()
    contact = make_contact("ann")
    make_segment("inner", GOLD)
    make_segment("outer", in_segment("inner"))
    settle()

    set_field(contact, "tier", "Gold")
    settle()

    assert members("outer") == {contact.pk}


def test_a_new_definition_moves_the_segments_that_refer_to_it():
    make_field()
    gold, silver = (
        make_contact("g", attributes={"tier": "Gold"}),
        make_contact("s", attributes={"tier": "Silver"}),
    )
    inner = make_segment("inner", GOLD)
    make_segment("outer", in_segment("inner"))
    settle()
    assert members("outer") == {gold.pk}

    child = {"kind": "field", "field": "tier", "operator": "equals", "value": "Silver"}
    services.update_segment(segment=inner, definition=all_of(child), author=None, now=NOW)
    settle()

    assert members("outer") == {silver.pk}
    assert Transition.objects.filter(segment__key="outer").last().cause == {
        "kind": "segment",
        "segment": "inner",
        "redefined": True,
    }


def test_a_list_moves_the_segments_that_refer_to_it():
    contact = make_contact("ann")
    listed = make_segment("listed", kind="static")
    make_segment("outer", in_segment("listed"))
    settle()

    assert add_members(segment=listed, contact_ids=[contact.pk, contact.pk + 99], now=NOW) == 1
    settle()
    assert members("outer") == {contact.pk}
    assert remove_members(segment=listed, contact_ids=[contact.pk], now=NOW) == 1
    settle()

    assert members("outer") == set()
    assert not Membership.objects.exists()


def test_a_definition_that_matches_nobody_empties_the_segment():
    make_contact("ann")
    segment = settled(make_segment())
    assert segment.member_count == 1

    never = bought(operator="at_least", value=1, window={"kind": "period", "period": "next_week"})
    services.update_segment(segment=segment, definition=all_of(never), author=None, now=NOW)

    assert settled(segment).member_count == 0
    assert members() == set()


def test_old_members_stay_until_the_swap():
    contact = make_contact("ann")
    segment = settled(make_segment())

    services.update_segment(segment=segment, definition=all_of(bought()), author=None, now=NOW)
    assert members() == {contact.pk}
    settle()

    assert members() == set()
    assert Transition.objects.last().cause == {"kind": "definition", "version": 2}


def test_a_newer_definition_cancels_an_older_rebuild():
    make_contact("ann")
    segment = make_segment(definition=all_of(bought()))

    services.update_segment(
        segment=segment, definition=all_of({"kind": "everyone"}), author=None, now=NOW
    )
    settle()

    assert list(Rebuild.objects.order_by("pk").values_list("state", flat=True)) == [
        "cancelled",
        "done",
    ]
    assert len(members()) == 1


def test_what_changes_during_a_rebuild_is_looked_at_before_the_swap(monkeypatch):
    bite_off(1, monkeypatch)
    contacts = [make_contact(str(number)) for number in range(3)]
    settle()
    make_segment(definition=all_of(bought()))

    def meanwhile():
        if not Event.objects.exists():
            happen(contacts[0])
            refresh_pending(now=NOW)

    lane.run_rebuilds(now=NOW, between=meanwhile)

    assert members() == {contacts[0].pk}


def test_whoever_the_old_definition_moves_during_a_rebuild_ends_where_the_new_one_says():
    """The rebuild has compared them with what was stored before, and found nothing to do."""
    make_field("tier")
    buyer, late = make_contact("buyer"), make_contact("late", attributes={"tier": "Gold"})
    happen(late, at=NOW - timedelta(days=1) + timedelta(seconds=1))
    segment = make_segment(definition=all_of(bought(window=LAST_DAY)))
    settle()
    assert members() == {late.pk}
    services.update_segment(segment=segment, definition=GOLD, author=None, now=NOW)
    lane.advance_rebuilds(now=NOW)
    assert not Candidate.objects.filter(contact_id=buyer.pk).exists()

    happen(buyer)
    refresh_pending(now=NOW + timedelta(seconds=2))
    assert members() == {buyer.pk}
    settle(NOW + timedelta(seconds=2))

    assert members() == {late.pk}
    assert check(now=NOW + timedelta(seconds=2)) == []


def test_a_rebuild_that_changes_nobody_writes_nobody():
    contacts = [make_contact(str(number)) for number in range(3)]
    happen(contacts[0])
    segment = make_segment(definition=all_of(bought(window=LAST_DAY)))
    settle()
    before = Membership.objects.values_list("contact_id", "entered_at").get()

    rebuild_segment(segment=Segment.objects.get(pk=segment.pk))
    lane.advance_rebuilds(now=NOW + timedelta(hours=1))

    assert Rebuild.objects.latest("pk").done == 3
    assert not Candidate.objects.exists()
    settle(NOW + timedelta(hours=1))
    assert Membership.objects.values_list("contact_id", "entered_at").get() == before
    assert Deadline.objects.count() == 1
    assert Transition.objects.count() == 1


def test_a_rebuild_goes_on_where_it_was_interrupted(monkeypatch):
    bite_off(1, monkeypatch)
    contacts = [make_contact(str(number)) for number in range(3)]
    settle()
    make_segment()

    class Crash(Exception):
        pass

    def crash():
        if Rebuild.objects.get().done == 2:
            raise Crash

    with pytest.raises(Crash):
        lane.run_rebuilds(now=NOW, between=crash)
    assert Rebuild.objects.get().last_contact_id == contacts[1].pk
    assert members() == set()
    lane.run_rebuilds(now=NOW)

    assert members() == {contact.pk for contact in contacts}


def test_a_segment_that_data_breaks_does_not_stop_the_others(caplog):
    make_field()
    contact = make_contact("ann")
    make_segment("good", GOLD)
    make_segment("bad", all_of(bought(measure=SUM, operator="greater_than", value=5)))
    happen(contact, at=NOW - timedelta(hours=1))
    happen(contact, at=NOW)
    with connection.cursor() as cursor:  # two such numbers are more than the server can add up
        cursor.execute("""UPDATE events_event SET attributes = '{"amount": 9e131071}'""")
    settle()
    assert Rebuild.objects.get(segment__key="bad").state == "failed"

    set_field(contact, "tier", "Gold")
    settle()

    assert members("good") == {contact.pk}
    assert "bad" in caplog.text


def test_the_clock_can_go_back():
    contact = make_contact("ann")
    happen(contact, at=NOW)
    make_segment(definition=LAST_PURCHASE_LONG_AGO)
    settle(NOW + timedelta(days=100))
    assert members() == {contact.pk}

    settle(NOW + timedelta(days=80))
    assert members() == set()
    settle(NOW + timedelta(days=91))

    assert members() == {contact.pk}


def test_marks_go_with_the_commit_that_stores_their_result():
    contact = make_contact("ann")
    make_segment(definition=all_of(bought()))
    settle()
    happen(contact)

    with transaction.atomic():
        refresh_pending(now=NOW)
        transaction.set_rollback(True)
    assert PendingMark.objects.count() == 1
    assert members() == set()
    refresh_pending(now=NOW)

    assert PendingMark.objects.count() == 0
    assert members() == {contact.pk}


def test_what_changes_one_by_one_goes_before_what_an_import_left(monkeypatch):
    monkeypatch.setattr(pending, "BULK_BATCH", 2)
    make_field()
    settled(make_segment("gold", GOLD))
    rows = [gold_row(f"imported-{number}") for number in range(40)]
    upsert_contacts(rows=rows, now=NOW, is_bulk=True)
    upsert_contacts(rows=[gold_row("live")], now=NOW)

    passed = refresh_pending(now=NOW)

    names = set(Membership.objects.values_list("contact__external_id", flat=True))
    assert "live" in names
    assert len(names) == passed == 3
    settle()
    assert Membership.objects.count() == 41


def test_a_paused_segment_keeps_its_members_and_catches_up_when_it_goes_live():
    contact = make_contact("ann")
    segment = settled(make_segment(definition=all_of(bought())))
    services.update_segment(segment=segment, status="paused", author=None, now=NOW)

    happen(contact)
    settle()
    assert members() == set()
    services.update_segment(segment=segment, status="live", author=None, now=NOW)
    settle()

    assert members() == {contact.pk}


def test_deadlines_of_a_paused_segment_are_forgotten():
    happen(make_contact("ann"), at=NOW)
    segment = settled(make_segment(definition=LAST_PURCHASE_LONG_AGO))
    services.update_segment(segment=segment, status="paused", author=None, now=NOW)

    settle(NOW + timedelta(days=91))

    assert members() == set()
    assert not Deadline.objects.exists()


def test_the_check_finds_a_membership_that_was_tampered_with():
    contact = make_contact("ann")
    settled(make_segment(definition=all_of(bought())))
    assert check(now=NOW) == []

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_membership (contact_id, segment_id, entered_at)"
            " SELECT %s, id, now() FROM segments_segment",
            [contact.pk],
        )

    (mistake,) = check(now=NOW)
    assert (mistake.contact_id, mistake.stored, mistake.right) == (contact.pk, True, False)


@pytest.mark.parametrize(
    ("zone", "bought_at", "due_at"),
    [
        # Three calendar months before 31 May is 28 February.
        ("UTC", "2026-02-28T10:00:00+00:00", "2026-05-28T10:00:00.000001+00:00"),
        ("UTC", "2028-02-29T10:00:00+00:00", "2028-05-29T10:00:00.000001+00:00"),
        # Across the change of the clock the wall time stays: an hour less passes.
        ("Europe/Warsaw", "2026-01-15T10:00:00+01:00", "2026-04-15T10:00:00.000001+02:00"),
        ("Europe/Warsaw", "2026-08-15T10:00:00+02:00", "2026-11-15T10:00:00.000001+01:00"),
    ],
)
def test_months_pass_by_the_calendar(settings, zone, bought_at, due_at):
    settings.TIME_ZONE = zone
    contact = make_contact("ann")
    at = datetime.fromisoformat(bought_at)
    happen(contact, at=at)
    long_ago = {"kind": "before_ago", "amount": 3, "unit": "month"}
    child = {"kind": "occurrence", "event": "Purchase", "which": "last", "window": long_ago}
    make_segment(definition=all_of(child))
    due = datetime.fromisoformat(due_at)

    settle(due - MICROSECOND)
    assert members() == set()
    settle(due)

    assert members() == {contact.pk}


def test_today_ends_at_local_midnight(settings):
    settings.TIME_ZONE = "Europe/Warsaw"
    contact = make_contact("ann")
    happen(contact, at=NOW)
    make_segment(definition=all_of(bought(window={"kind": "period", "period": "today"})))
    settle()
    assert members() == {contact.pk}

    midnight = datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert next_due_at() == midnight
    settle(midnight)

    assert members() == set()
