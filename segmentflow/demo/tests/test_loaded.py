"""The demonstration once it is loaded: who is in it, how it moves. It stands for all tests, and each undoes what it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from contacts.consents import consents_of
from contacts.models import Contact
from events.models import Event
from segmentflow.demo.loading import load_demo
from segmentflow.demo.people import PREFIX
from segmentflow.demo.segments import DRAFT, LIST, LIVE
from segmentflow.demo.stream import step, stream
from segmentflow.demo.tests.made import FEW, NOW, chance_of, everything, inactive_vips, load
from segmentflow.workspace import update_workspace
from segments.engine.check import check
from segments.engine.settle import settle
from segments.history import history
from segments.models import Segment, Transition

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


def test_nothing_happens_before_somebody_came_nor_in_the_future():
    for contact_id, created_at in Contact.objects.values_list("pk", "created_at"):
        first = Event.objects.filter(contact_id=contact_id).order_by("occurred_at").first()
        assert first is None or first.occurred_at >= created_at - timedelta(days=32)
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    assert Event.objects.filter(occurred_at__gt=NOW - timedelta(days=1)).exists()


def test_every_segment_has_some_members_and_never_everybody():
    settle(now=NOW)
    assert check(now=NOW) == []
    counts = dict(Segment.objects.values_list("key", "member_count"))
    assert {key for key, count in counts.items() if not 0 < count < FEW} == {DRAFT.key}
    assert counts.keys() == {described.key for described in (*LIVE, LIST, DRAFT)}
    assert Segment.objects.get(key=DRAFT.key).status == Segment.Status.DRAFT


def test_the_last_month_is_there_as_it_went_by():
    moves = Transition.objects.filter(at__gt=NOW - timedelta(days=29))
    assert len({move.at.date() for move in moves}) >= 10
    assert {"event", "time"} <= {move.cause["kind"] for move in moves}
    for segment in Segment.objects.filter(status=Segment.Status.LIVE):
        days = history(segment=segment, first=NOW.date() - timedelta(days=60), last=NOW.date())
        assert days[0].members == 0
        assert days[-1].members == segment.member_count == segment.memberships.count()


def test_people_decided_whether_they_may_be_reached():
    held = consents_of(list(Contact.objects.values_list("pk", flat=True)))
    assert len(held) == FEW
    for contact in Contact.objects.all():
        assert held[contact.pk]["email"].subscribed == contact.attributes["Email_consent"]
        sms = held[contact.pk].get("sms")
        assert (sms is not None and sms.subscribed) == contact.attributes["SMS_consent"]
    sources = {one.source for channels in held.values() for one in channels.values()}
    assert {"Sign-up form", "Mobile app", "Unsubscribe event"} <= sources


def test_inactive_vips_gain_members_by_time_alone():
    settle(now=NOW)
    before = inactive_vips()
    settle(now=NOW + timedelta(minutes=10))
    assert inactive_vips() > before


def test_loading_twice_changes_nothing():
    first = everything()
    assert load_demo(now=NOW + timedelta(days=1), people=FEW) is None
    assert everything() == first


def test_each_step_of_the_stream_stores_one_event():
    settle(now=NOW)
    chance, before = chance_of(7), Event.objects.count()
    for second in range(60):
        step(now=NOW + timedelta(seconds=second), chance=chance)
        assert Event.objects.count() == before + second + 1
    assert Contact.objects.count() > FEW
    assert not Contact.objects.exclude(external_id__startswith=PREFIX).exists()


def test_the_stream_wins_inactive_vips_back():
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
    before = Event.objects.count()
    update_workspace(**changes)
    step(now=NOW, chance=chance_of(1))
    assert Event.objects.count() == before


def test_the_stream_goes_on_until_it_is_told_to_stop():
    waits: list[float] = []
    before = Event.objects.count()
    stream(
        clock=lambda: NOW, goes_on=lambda: len(waits) < 3, chance=chance_of(1), wait=waits.append
    )
    assert Event.objects.count() == before + 3
    assert all(1 <= seconds <= 2 for seconds in waits)
