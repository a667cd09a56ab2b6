"""Old moves are erased in pairs; everything else stays what it was."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse

from contacts.erasure import erase_contacts
from contacts.problems import Refused
from segmentflow.clock import current_time
from segmentflow.models import TallySubject
from segmentflow.tallies import roll_up, total
from segments.engine.members import add_members, remove_members
from segments.history import history
from segments.keeping import erasing
from segments.keeping.erasing import advance_erasing_moves, is_erasing_moves_due
from segments.keeping.models import MoveRetention
from segments.keeping.moves import (
    foretell_moves,
    keep_moves_for,
    logged_since,
    pause_erasing_moves,
)
from segments.models import Membership, Segment, Transition
from segments.tests.made import make_contact, make_segment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=200)


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture(params=[2, 2_000])
def bite(request, monkeypatch):
    monkeypatch.setattr(erasing, "BITE", request.param)


@pytest.fixture
def segment():
    return make_segment(kind="static")


def enter(segment, *contacts, at):
    add_members(segment=segment, contact_ids=[one.pk for one in contacts], now=at)


def leave(segment, *contacts, at):
    remove_members(segment=segment, contact_ids=[one.pk for one in contacts], now=at)


def erase(now=NOW):
    while advance_erasing_moves(now=now):
        pass


def moves():
    """External id and, of each move, how many days it was ago; the oldest first."""
    rows = Transition.objects.order_by("seq").select_related("contact")
    return [
        (f"{'+' if row.entered else '-'}{row.contact.external_id}", (NOW - row.at).days)
        for row in rows
    ]


def days_ago(number):
    return NOW - timedelta(days=number)


def test_who_left_again_before_the_border_is_forgotten_and_how_members_came_in_is_not(
    bite, segment
):
    gone, stays, leaves_later, again = (make_contact(name) for name in ("g", "s", "l", "a"))
    enter(segment, gone, stays, leaves_later, again, at=days_ago(300))
    leave(segment, gone, again, at=days_ago(250))
    enter(segment, again, at=days_ago(240))
    leave(segment, leaves_later, at=days_ago(5))

    keep_moves_for(months=6)
    assert is_erasing_moves_due(now=NOW)
    erase()

    assert moves() == [("+s", 300), ("+l", 300), ("+a", 240), ("-l", 5)]
    assert not is_erasing_moves_due(now=NOW)
    assert MoveRetention.objects.get().erased == 4


def test_a_pair_goes_when_its_end_gets_too_old(bite, segment):
    anna = make_contact("anna")
    enter(segment, anna, at=days_ago(300))
    leave(segment, anna, at=days_ago(20))
    keep_moves_for(months=6)
    erase()
    assert len(moves()) == 2

    erase(NOW + timedelta(days=160))
    assert len(moves()) == 2
    erase(NOW + timedelta(days=170))

    assert moves() == []


@pytest.mark.parametrize("seed", range(3))
def test_sizes_members_and_what_erasing_people_leaves_stay_exact(bite, seed):
    """Random comings and goings in several segments, erased for ever shorter times."""
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    segments = [make_segment(f"s{number}", kind="static") for number in range(3)]
    people = [make_contact(f"u{number}") for number in range(8)]
    for day in range(400, 0, -9):
        segment, some = chance.choice(segments), chance.sample(people, 3)
        (enter if chance.random() < 0.6 else leave)(segment, *some, at=days_ago(day))
    logged = list(Transition.objects.order_by("seq"))
    first, last = (NOW - timedelta(days=401)).date(), NOW.date()
    sizes = {one.pk: history(segment=one, first=first, last=last) for one in segments}
    members = set(Membership.objects.values_list("contact_id", "segment_id", "entered_at"))

    for months in (9, 5, 2):
        keep_moves_for(months=months)
        erase()
        roll_up()
        border = MoveRetention.objects.get().erased_before
        assert set(Transition.objects.values_list("seq", flat=True)) == kept(logged, border)
    assert {one.pk: history(segment=one, first=first, last=last) for one in segments} == sizes
    assert set(Membership.objects.values_list("contact_id", "segment_id", "entered_at")) == members
    for contact_id, segment_id, entered_at in members:
        newest = Transition.objects.filter(contact=contact_id, segment=segment_id).latest("seq")
        assert (newest.entered, newest.at) == (True, entered_at)

    erase_contacts(contact_ids=[one.pk for one in people[:5]])
    for one in Segment.objects.all():
        size = total(TallySubject.ENTERED, one.pk) - total(TallySubject.LEFT, one.pk)
        assert size == one.member_count == one.memberships.count()
        assert history(segment=one, first=last, last=last)[-1].members == size
        assert all(day.members >= 0 for day in history(segment=one, first=first, last=last))


def kept(logged, border):
    """Numbers of the moves that are not of a pair that ended before."""
    gone: set[int] = set()
    open_: dict[tuple[int, int], int] = {}
    for row in logged:
        key = (row.contact_id, row.segment_id)
        if row.entered:
            open_[key] = row.seq
        elif row.at < border:
            gone |= {open_.pop(key), row.seq}
    return {row.seq for row in logged} - gone


def test_what_is_foretold_is_erased(segment):
    some = [make_contact(f"u{number}") for number in range(5)]
    enter(segment, *some, at=days_ago(300))
    leave(segment, *some[:3], at=days_ago(250))
    leave(segment, some[3], at=days_ago(100))

    def foretold(months):
        return foretell_moves(months=months, now=NOW, zone=ZoneInfo("UTC")).moves

    assert (foretold(12), foretold(6), foretold(2)) == (0, 6, 8)
    keep_moves_for(months=6)
    erase()
    assert (foretold(6), foretold(2)) == (0, 2)
    keep_moves_for(months=2)
    erase()
    assert MoveRetention.objects.get().erased == 8


def test_a_pass_begins_where_the_one_before_ended(segment):
    people = [make_contact(f"u{number}") for number in range(4)]
    enter(segment, *people, at=days_ago(300))
    leave(segment, people[0], at=days_ago(290))
    enter(segment, people[0], at=days_ago(10))
    keep_moves_for(months=6)
    erase()

    floor = MoveRetention.objects.get().floor
    assert floor == Transition.objects.latest("seq").seq - 1


def test_a_longer_time_brings_nothing_back_and_says_so(segment):
    anna = make_contact("anna")
    enter(segment, anna, at=days_ago(300))
    leave(segment, anna, at=days_ago(290))
    assert logged_since() is None
    keep_moves_for(months=6)
    erase()
    border = datetime(2026, 5, 20, tzinfo=UTC)
    assert logged_since() == border

    keep_moves_for(months=24)
    assert not advance_erasing_moves(now=NOW)
    assert logged_since() == border
    keep_moves_for(months=None)

    assert not is_erasing_moves_due(now=NOW + timedelta(days=4_000))
    assert logged_since() == border


def test_nothing_is_erased_while_it_is_paused(segment):
    anna = make_contact("anna")
    enter(segment, anna, at=days_ago(300))
    leave(segment, anna, at=days_ago(290))
    keep_moves_for(months=6)

    pause_erasing_moves(is_paused=True)
    erase()
    assert len(moves()) == 2
    pause_erasing_moves(is_paused=False)
    erase()

    assert moves() == []


@pytest.mark.parametrize("months", [0, -1, 241])
def test_a_time_that_is_none_is_refused(months):
    with pytest.raises(Refused):
        keep_moves_for(months=months)


def test_a_deleted_segment_stops_nothing(bite, segment):
    other = make_segment("other", kind="static")
    anna = make_contact("anna")
    for one in (segment, other):
        enter(one, anna, at=days_ago(300))
        leave(one, anna, at=days_ago(290))
    keep_moves_for(months=6)
    advance_erasing_moves(now=NOW)
    with transaction.atomic():
        Transition.objects.filter(segment=segment).delete()
        Segment.objects.filter(pk=segment.pk).delete()
    erase()

    assert moves() == []


class TestPages:
    @pytest.fixture
    def old(self, segment):
        anna = make_contact("anna")
        then = current_time() - timedelta(days=300)
        enter(segment, anna, at=then)
        leave(segment, anna, at=then + timedelta(days=1))

    def test_it_is_said_first_what_would_happen(self, client, admin_user, old):
        client.force_login(admin_user)
        address = reverse("moves_retention")

        page = client.get(address, {"months": "6"}).content.decode()

        assert "About 2 moves" in page
        assert not MoveRetention.objects.exists()
        answer = client.post(address, {"months": "6"}, follow=True)
        assert "Moves are kept for 6 months." in answer.content.decode()
        assert "for 6 months" in client.get(reverse("retention_list")).content.decode()
        assert MoveRetention.objects.get().months == 6

    @pytest.mark.parametrize("months", ["0", "241", "x", "1e9", "\0"])
    def test_what_is_no_time_is_refused_at_the_control(self, client, admin_user, months):
        client.force_login(admin_user)

        assert client.get(reverse("moves_retention"), {"months": months}).status_code == 422
        assert client.post(reverse("moves_retention"), {"months": months}).status_code == 422
        assert not MoveRetention.objects.exists()

    def test_activity_and_breakdown_say_how_far_back_the_log_reaches(
        self, client, reader, segment, old
    ):
        activity = reverse("segment_activity", args=["vips"])
        assert "The log reaches back" not in client.get(activity).content.decode()
        keep_moves_for(months=6)
        erase(current_time())

        assert "The log reaches back to" in client.get(activity).content.decode()
        assert "The log reaches back to" in client.get(reverse("activity_list")).content.decode()
        enter(segment, make_contact("bert"), at=current_time())
        breakdown = reverse("segment_breakdown", args=["vips"])
        assert "reaches back" not in client.get(breakdown, {"range": "7d"}).content.decode()
        assert "reaches back" in client.get(breakdown, {"range": "all"}).content.decode()
