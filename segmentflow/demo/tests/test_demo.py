"""The demonstration comes whole, moves, and goes again without a trace."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from contacts.models import Consent, Contact, Field
from contacts.problems import Conflict
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from segmentflow.demo.lapsing import last_purchases
from segmentflow.demo.loading import load_demo
from segmentflow.demo.people import newcomer, people
from segmentflow.demo.removing import remove_demo
from segmentflow.demo.stream import step
from segmentflow.demo.tests.made import FEW, NOW, chance_of, everything, inactive_vips, load
from segmentflow.models import FreshTally
from segmentflow.tallies import roll_up
from segmentflow.workspace import current_workspace
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Membership, Segment, Transition
from segments.services import create_segment

WHOLE = 2_000

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Nothing handles it, as nothing handles the end of a process."""


def loaded_now():
    """With the time of now: the database's clock decides when something arrived."""
    now = timezone.now()
    load_demo(now=now, people=FEW)
    return now


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


def test_segments_of_others_do_not_get_a_past():
    with_email = {"kind": "field", "field": "email", "operator": "is_set"}
    definition = {"kind": "group", "match": "all", "children": [with_email]}
    own = create_segment(key="own", name="Own", definition=definition, author=None, now=NOW)
    load()
    settle(now=NOW)
    assert check(now=NOW) == []
    assert Segment.objects.get(pk=own.pk).member_count == FEW
    assert not Transition.objects.filter(at__lt=NOW).exists()


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


def test_newcomers_differ_from_everybody():
    emails = {newcomer(number).built_in["email"] for number in range(2_001, 2_021)}
    assert len(emails) == 20
    assert not emails & {person.built_in["email"] for person in people()}
    assert newcomer(2_001) == newcomer(2_001)
