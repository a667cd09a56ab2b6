"""A campaign starts as a whole and once, and its recipients are who they were then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction

from campaigns.delivery.planning import freezes_at
from campaigns.delivery.starting import NotReady, freeze_recipients, start
from campaigns.delivery.times import local_instant, next_allowed, zone_of
from campaigns.models import Campaign, Message, SendingRules
from campaigns.rules import current_rules
from campaigns.tests.made import NOW, make_campaign, make_list, make_reachable, reached
from contacts.changes import BUCKETS
from contacts.erasure import erase_contacts
from contacts.locks import try_buckets
from contacts.models import Contact
from contacts.problems import Conflict
from events.models import EventType
from segmentflow.workspace import update_workspace
from segments.engine.settle import settle
from segments.models import Membership
from segments.tests.made import EVERYONE, make_segment

STATE, STATUS = Message.State, Campaign.Status
WAITING, LEFT_OUT = (STATE.WAITING, ""), STATE.LEFT_OUT
ZONES = [
    "Europe/Berlin",
    "europe/berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/St_Johns",
    "",
    "Atlantis",
]


def begin(campaign, now=NOW):
    start(campaign=campaign, now=now, by=None)
    return campaign


@pytest.mark.django_db
def test_everybody_targeted_gets_a_message_or_the_reason_why_not():
    ann, bob, cid = (make_reachable(name) for name in ("ann", "bob", "cid"))
    Contact.objects.filter(pk=bob.pk).update(phone="")
    make_reachable("out")
    campaign = make_campaign(make_list("all", [ann, bob, cid]), without=[make_list("not", [cid])])

    begin(campaign)

    assert campaign.status == STATUS.SENDING
    assert campaign.started_at == NOW
    assert reached(campaign) == {
        "ann": WAITING,
        "bob": (LEFT_OUT, "no_address"),
        "cid": (LEFT_OUT, "excluded"),
    }
    waiting, *left_out = Message.objects.order_by("contact_id")
    assert waiting.due_at == NOW
    assert {row.due_at for row in left_out} == {None}


@pytest.mark.django_db
def test_what_it_sends_and_whose_members_they_were_is_kept():
    make_reachable("ann")
    segment = make_segment("everyone", EVERYONE)
    settle(now=NOW)
    update_workspace(time_zone="Asia/Kathmandu")
    segment.refresh_from_db()
    campaign = begin(make_campaign(segment))

    Membership.objects.all().delete()

    assert reached(campaign) == {"ann": WAITING}
    assert campaign.targets.get().version_id == segment.live_version_id is not None
    assert campaign.frozen == {
        "content": {"text": "Hello"},
        "way": {"adapter": "outbox", "config": {}, "per_second": None},
        "zone": "Asia/Kathmandu",
    }
    assert {one.key: one.origin for one in EventType.objects.all()} == {
        "SmsClick": "system",
        "Unsubscribe": "system",
    }


@pytest.mark.django_db
def test_a_campaign_that_started_does_not_start_again():
    campaign = begin(make_campaign(make_list("all", [make_reachable("ann")])))

    with pytest.raises(Conflict, match="started already"):
        begin(Campaign.objects.get(pk=campaign.pk))

    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_campaign_that_was_deleted_does_not_start():
    campaign = make_campaign(make_list("all"))
    Campaign.objects.all().delete()

    with pytest.raises(Conflict, match="deleted"):
        begin(campaign)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 7, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 3, 15, 10, tzinfo=UTC),
        datetime(2011, 12, 30, 9, tzinfo=UTC),
    ],
)
def test_in_their_quiet_hours_contacts_wait_until_these_end(now):
    update_workspace(time_zone="America/New_York")
    SendingRules.objects.create(quiet_from=time(21), quiet_to=time(8))
    contacts = [make_reachable(f"p{n}", timezone=zone) for n, zone in enumerate(ZONES)]
    for contact in contacts:
        contact.consents.update(at=now)

    begin(make_campaign(make_list("all", contacts)), now)

    for contact in contacts:
        zone = zone_of(contact.timezone, ZoneInfo("America/New_York"))
        due_at = Message.objects.get(contact_id=contact.pk).due_at
        assert due_at == next_allowed(at=now, zone=zone, rules=current_rules()), zone


@pytest.mark.django_db
def test_a_campaign_may_ignore_quiet_hours():
    SendingRules.objects.create(quiet_from=time(0), quiet_to=time(23, 59))
    contact = make_reachable("ann")

    begin(make_campaign(make_list("all", [contact]), ignores_quiet_hours=True))

    assert Message.objects.get().due_at == NOW


@pytest.mark.django_db
def test_recipients_of_a_time_are_those_who_are_there_when_it_comes():
    segment = make_list("all", [make_reachable("ann")])
    at = NOW + timedelta(hours=2)
    campaign = begin(make_campaign(segment, kind="at", starts_at=at))
    assert (campaign.status, reached(campaign)) == (STATUS.SCHEDULED, {})
    Membership.objects.create(contact=make_reachable("bob"), segment=segment, entered_at=NOW)

    assert freeze_recipients(campaign=campaign, now=at)
    assert not freeze_recipients(campaign=campaign, now=at)

    assert campaign.status == STATUS.SENDING
    assert reached(campaign) == {"ann": WAITING, "bob": WAITING}
    assert set(Message.objects.values_list("due_at", flat=True)) == {at}


@pytest.mark.django_db
@pytest.mark.parametrize(("month", "day"), [(10, 25), (3, 29), (10, 4), (12, 1)])
def test_at_their_local_time_it_is_due_when_their_clock_shows_it(month, day):
    update_workspace(time_zone="Europe/Berlin")
    berlin, wall = ZoneInfo("Europe/Berlin"), datetime(2026, month, day, 2, 30)  # noqa: DTZ001 - on a wall
    starts_at = local_instant(wall, berlin)
    wall = starts_at.astimezone(berlin).replace(tzinfo=None)
    contacts = [make_reachable(f"p{n}", timezone=zone) for n, zone in enumerate(ZONES)]
    for contact in contacts:
        contact.consents.update(at=starts_at - timedelta(days=9))
    segment = make_list("all", contacts)
    campaign = make_campaign(segment, kind="at", starts_at=starts_at, is_local=True)
    begin(campaign, starts_at - timedelta(days=3))
    first = freezes_at(campaign)
    assert first == wall.replace(tzinfo=UTC) - timedelta(hours=14)

    freeze_recipients(campaign=campaign, now=first)

    for contact in contacts:
        due_at = Message.objects.get(contact_id=contact.pk).due_at
        assert due_at == local_instant(wall, zone_of(contact.timezone, berlin))
        assert due_at >= first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"starts_at": None}, "Say when"),
        ({"starts_at": NOW}, "has passed"),
        ({"starts_at": NOW + timedelta(hours=10), "is_local": True}, "furthest ahead"),
        ({"starts_at": NOW - timedelta(hours=1), "is_local": True}, "This time has passed"),
    ],
)
def test_a_time_that_has_passed_somewhere_is_refused(values, said):
    campaign = make_campaign(make_list("all", [make_reachable("ann")]), kind="at", **values)

    with pytest.raises(NotReady) as refused:
        begin(campaign)

    assert [problem.where for problem in refused.value.problems] == ["when"]
    campaign.refresh_from_db()
    assert (campaign.status, campaign.frozen) == (STATUS.DRAFT, None)


@pytest.mark.django_db
def test_for_newcomers_nobody_gets_anything_yet():
    segment = make_list("all", [make_reachable("ann")])

    campaign = begin(make_campaign(segment, kind="entering"))

    assert (campaign.status, campaign.started_at) == (STATUS.LIVE, NOW)
    assert reached(campaign) == {}


def start_beside(campaign_id: int) -> str:
    """In a session of its own; what came of it."""
    try:
        begin(Campaign.objects.get(pk=campaign_id))
    except Conflict:
        return "refused"
    except OperationalError:
        return "killed"
    finally:
        connection.close()
    return "started"


def backends_waiting() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        )
        return [pid for (pid,) in cursor.fetchall()]


def erase_beside(contact_id: int) -> None:
    try:
        erase_contacts(contact_ids=[contact_id])
    finally:
        connection.close()


def wait_for_lock(sessions: int = 1) -> int:
    for _ in range(500):
        if len(waiting := backends_waiting()) >= sessions:
            return waiting[0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits")


@pytest.fixture
def everybody(transactional_db):
    """A list of 20 contacts."""
    return make_list("all", [make_reachable(f"p{n}") for n in range(20)])


def test_of_two_who_start_it_at_once_one_does(everybody):
    campaign = make_campaign(everybody)

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(start_beside, [campaign.pk] * 4))

    assert said == ["refused", "refused", "refused", "started"]
    assert Message.objects.count() == 20


def test_a_start_that_is_killed_leaves_nothing_behind_and_can_be_made_again(everybody):
    campaign = make_campaign(everybody)
    last = Contact.objects.get(external_id="p19").pk
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        # Nearly all messages are there when it comes to this one, and waits whether it stays.
        Message.objects.create(contact_id=last, campaign=campaign, due_at=NOW)
        said = pool.submit(start_beside, campaign.pk)
        pid = wait_for_lock()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert said.result(timeout=30) == "killed"
        transaction.set_rollback(True)

    campaign.refresh_from_db()
    assert (campaign.status, campaign.frozen) == (STATUS.DRAFT, None)
    assert Message.objects.count() == 0
    begin(campaign)
    assert Message.objects.count() == 20


def test_who_is_erased_while_it_starts_leaves_no_message_behind(everybody):
    campaign = make_campaign(everybody)
    gone = Contact.objects.get(external_id="p7").pk
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            erase_contacts(contact_ids=[gone])
            said = pool.submit(start_beside, campaign.pk)
            wait_for_lock()
        assert said.result(timeout=30) == "started"

    assert Message.objects.count() == 19
    assert not Message.objects.filter(contact_id=gone).exists()


def test_who_is_to_be_erased_while_it_starts_waits_and_keeps_nobody_from_being_followed(everybody):
    campaign = make_campaign(everybody)
    gone, last = (Contact.objects.get(external_id=name).pk for name in ("p7", "p19"))
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            # Nearly all messages are there when it comes to this one, and waits whether it stays.
            Message.objects.create(contact_id=last, campaign=campaign, due_at=NOW)
            starting = pool.submit(start_beside, campaign.pk)
            wait_for_lock()
            erasing = pool.submit(erase_beside, gone)
            wait_for_lock(2)
            assert try_buckets(range(BUCKETS)) == list(range(BUCKETS))
            transaction.set_rollback(True)
        assert starting.result(timeout=30) == "started"
        erasing.result(timeout=30)

    assert Message.objects.count() == 19
    assert not Message.objects.filter(contact_id=gone).exists()
