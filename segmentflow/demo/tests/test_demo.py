"""The demonstration comes whole, moves, and goes again without a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from contacts.consents import consents_of
from contacts.models import Consent, Contact, Field
from contacts.problems import Conflict
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from segmentflow.demo.lapsing import last_purchases
from segmentflow.demo.loading import load_demo
from segmentflow.demo.people import PREFIX, newcomer, people
from segmentflow.demo.removing import remove_demo
from segmentflow.demo.segments import DRAFT, LIST, LIVE
from segmentflow.demo.stream import step, stream
from segmentflow.models import FreshTally
from segmentflow.tallies import roll_up
from segmentflow.workspace import current_workspace, update_workspace
from segments.engine.check import check
from segments.engine.settle import settle
from segments.history import history
from segments.models import Membership, Segment, Transition
from segments.services import create_segment

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
FEW = 300
WHOLE = 2_000

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Nothing handles it, as nothing handles the end of a process."""


def chance_of(seed):
    return Random(seed)  # noqa: S311 - the same each time


def load(people=FEW):
    return load_demo(now=NOW, people=people)


def loaded_now():
    """With the time of now: the database's clock decides when something arrived."""
    now = timezone.now()
    load_demo(now=now, people=FEW)
    return now


def everything():
    contacts = Contact.objects.order_by("external_id").values_list(
        "external_id", "email", "first_name", "city", "attributes", "created_at"
    )
    events = Event.objects.order_by("message_id").values_list(
        "message_id", "type__key", "occurred_at", "attributes", "value"
    )
    return list(contacts), list(events)


def inactive_vips():
    return set(
        Membership.objects.filter(segment__key="inactive-vips").values_list("contact_id", flat=True)
    )


def gather_statistics():
    """As autovacuum would, if the transaction of the test were not still open."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def make_own_contact():
    upsert_contacts(rows=[ContactRow(built_in={"external_id": "mine"})], now=NOW)


def test_the_same_people_do_the_same_each_time():
    load()
    first = everything()
    remove_demo()
    load()
    assert everything() == first


def test_all_people_have_addresses_that_reach_nobody():
    assert len({person.built_in["email"] for person in people()}) == WHOLE
    for person in people():
        domain = person.built_in["email"].partition("@")[2]
        assert domain in ("example.com", "example.org", "example.net")
    phones = [phone for person in people() if (phone := person.built_in.get("phone"))]
    assert len(set(phones)) == len(phones)


def test_nothing_happens_before_somebody_came_nor_in_the_future():
    load()
    for contact_id, created_at in Contact.objects.values_list("pk", "created_at"):
        first = Event.objects.filter(contact_id=contact_id).order_by("occurred_at").first()
        assert first is None or first.occurred_at >= created_at - timedelta(days=32)
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    assert Event.objects.filter(occurred_at__gt=NOW - timedelta(days=1)).exists()


@pytest.mark.slow
def test_the_whole_demonstration_is_large_enough_and_right():
    loaded = load(people=WHOLE)
    assert loaded is not None
    assert Contact.objects.count() == loaded.contacts == WHOLE
    assert Event.objects.count() == loaded.events
    assert 50_000 < loaded.events < 75_000
    gather_statistics()
    settle(now=NOW)
    assert check(now=NOW) == []
    before = inactive_vips()
    settle(now=NOW + timedelta(minutes=10))
    assert 20 <= len(inactive_vips() - before) <= 30


def test_every_segment_has_some_members_and_never_everybody():
    load()
    settle(now=NOW)
    assert check(now=NOW) == []
    counts = dict(Segment.objects.values_list("key", "member_count"))
    assert {key for key, count in counts.items() if not 0 < count < FEW} == {DRAFT.key}
    assert counts.keys() == {described.key for described in (*LIVE, LIST, DRAFT)}
    assert Segment.objects.get(key=DRAFT.key).status == Segment.Status.DRAFT


def test_the_last_month_is_there_as_it_went_by():
    load()
    moves = Transition.objects.filter(at__gt=NOW - timedelta(days=29))
    assert len({move.at.date() for move in moves}) >= 10
    assert {"event", "time"} <= {move.cause["kind"] for move in moves}
    for segment in Segment.objects.filter(status=Segment.Status.LIVE):
        days = history(segment=segment, first=NOW.date() - timedelta(days=60), last=NOW.date())
        assert days[0].members == 0
        assert days[-1].members == segment.member_count == segment.memberships.count()


def test_people_decided_whether_they_may_be_reached():
    load()
    held = consents_of(list(Contact.objects.values_list("pk", flat=True)))
    assert len(held) == FEW
    for contact in Contact.objects.all():
        assert held[contact.pk]["email"].subscribed == contact.attributes["Email_consent"]
        sms = held[contact.pk].get("sms")
        assert (sms is not None and sms.subscribed) == contact.attributes["SMS_consent"]
    sources = {one.source for channels in held.values() for one in channels.values()}
    assert {"Sign-up form", "Mobile app", "Unsubscribe event"} <= sources


def test_segments_of_others_do_not_get_a_past():
    with_email = {"kind": "field", "field": "email", "operator": "is_set"}
    definition = {"kind": "group", "match": "all", "children": [with_email]}
    own = create_segment(key="own", name="Own", definition=definition, author=None, now=NOW)
    load()
    settle(now=NOW)
    assert check(now=NOW) == []
    assert Segment.objects.get(pk=own.pk).member_count == FEW
    assert not Transition.objects.filter(at__lt=NOW).exists()


def test_inactive_vips_gain_members_by_time_alone():
    load()
    settle(now=NOW)
    before = inactive_vips()
    settle(now=NOW + timedelta(minutes=10))
    assert inactive_vips() > before


def test_one_after_the_other_becomes_inactive():
    arranged = last_purchases(now=NOW, zone=ZoneInfo("UTC")).values()
    lapses = sorted(at + timedelta(days=90) for at in arranged)
    soon = [at for at in lapses if NOW < at <= NOW + timedelta(minutes=10)]
    assert {second - first for first, second in pairwise(soon)} == {timedelta(seconds=25)}
    assert [at for at in lapses if at > NOW + timedelta(days=1)]


@pytest.mark.parametrize("part", [0.2, 0.7])
def test_an_interrupted_load_leaves_nothing_and_the_next_one_brings_everything(part):
    def die(done):
        if done > part:
            raise Killed

    with pytest.raises(Killed):
        load_demo(now=NOW, people=FEW, on_progress=die)
    assert current_workspace().demo_loaded_at is None
    assert not Contact.objects.exists()
    assert not Field.objects.exists()
    loaded = load()
    assert Contact.objects.count() == FEW
    assert Event.objects.count() == loaded.events


def test_loading_twice_changes_nothing():
    load()
    first = everything()
    assert load_demo(now=NOW + timedelta(days=1), people=FEW) is None
    assert everything() == first


def test_it_does_not_mix_with_contacts_of_ones_own():
    make_own_contact()
    with pytest.raises(Conflict, match="without contacts"):
        load()
    with pytest.raises(CommandError, match="without contacts"):
        call_command("demo")
    assert not Field.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_removing_leaves_nothing_of_it():
    now = loaded_now()
    settle(now=now)
    step(now=now + timedelta(seconds=1), chance=chance_of(1))
    remove_demo()
    for model in (Contact, Consent, Event, EventType, Field, Segment, Membership):
        assert not model.objects.exists(), model
    roll_up()
    assert not FreshTally.objects.exists()
    assert current_workspace().demo_loaded_at is None


@pytest.mark.django_db(transaction=True)
def test_removing_harms_nothing_else():
    now = loaded_now()
    make_own_contact()
    mine = create_segment(
        key="mine",
        name="Mine",
        definition={
            "kind": "group",
            "match": "all",
            "children": [
                {"kind": "segment", "segment": "birthday-soon", "member": True},
                {"kind": "event", "event": "Booking", "operator": "at_least", "value": 1},
            ],
        },
        author=None,
        now=now,
    )
    removed = remove_demo()
    assert set(Segment.objects.values_list("key", flat=True)) == {"mine", "birthday-soon"}
    assert set(EventType.objects.values_list("key", flat=True)) == {"Booking"}
    assert set(Field.objects.values_list("key", flat=True)) == {"Birthday"}
    assert len(removed.kept) == 3
    assert Contact.objects.get().external_id == "mine"
    settle(now=now)
    assert mine in Segment.objects.all()
    assert check(now=now) == []


def test_each_step_of_the_stream_stores_one_event():
    load()
    settle(now=NOW)
    chance, before = chance_of(7), Event.objects.count()
    for second in range(60):
        step(now=NOW + timedelta(seconds=second), chance=chance)
        assert Event.objects.count() == before + second + 1
    assert Contact.objects.count() > FEW
    assert not Contact.objects.exclude(external_id__startswith=PREFIX).exists()


def test_the_stream_wins_inactive_vips_back():
    load()
    settle(now=NOW)
    before, chance, second = inactive_vips(), chance_of(3), 0
    bought = Event.objects.filter(type__key="Purchase", contact_id__in=before)
    known = bought.count()
    while bought.count() == known:
        second += 1
        step(now=NOW + timedelta(seconds=second), chance=chance)
    assert second < 100
    settle(now=NOW + timedelta(seconds=second))
    assert before - inactive_vips()


@pytest.mark.parametrize("changes", [{"demo_streams": False}, {"demo_loaded_at": None}])
def test_the_stream_rests_when_it_is_not_wanted(changes):
    load()
    before = Event.objects.count()
    update_workspace(**changes)
    step(now=NOW, chance=chance_of(1))
    assert Event.objects.count() == before


def test_the_stream_goes_on_until_it_is_told_to_stop():
    load()
    waits: list[float] = []
    before = Event.objects.count()
    stream(
        clock=lambda: NOW, goes_on=lambda: len(waits) < 3, chance=chance_of(1), wait=waits.append
    )
    assert Event.objects.count() == before + 3
    assert all(1 <= seconds <= 2 for seconds in waits)


def test_newcomers_differ_from_everybody():
    emails = {newcomer(number).built_in["email"] for number in range(2_001, 2_021)}
    assert len(emails) == 20
    assert not emails & {person.built_in["email"] for person in people()}
    assert newcomer(2_001) == newcomer(2_001)
