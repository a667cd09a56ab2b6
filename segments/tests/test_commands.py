"""manage.py settle and manage.py check_memberships."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.models import PendingMark
from events.models import EventType
from segmentflow.clock import current_time
from segments.models import Membership, Rebuild, Transition
from segments.services import create_segment
from segments.tests.made import NOW, make_contact, make_segment
from segments.tests.test_engine import LAST_PURCHASE_LONG_AGO, happen, members
from segments.words import why

PURCHASED = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase"}],
}

pytestmark = pytest.mark.django_db


def test_settle_catches_up_with_everything_at_an_instant():
    EventType.objects.create(key="Purchase")
    contact = make_contact("ann")
    happen(contact, at=NOW)
    make_segment(definition=LAST_PURCHASE_LONG_AGO)

    call_command("settle", now=(NOW + timedelta(days=91)).isoformat())

    assert members() == {contact.pk}
    assert not PendingMark.objects.exists()


def test_settle_reads_a_time_without_offset_as_local(settings):
    settings.TIME_ZONE = "Europe/Warsaw"
    EventType.objects.create(key="Purchase")
    contact = make_contact("ann")
    happen(contact, at=NOW)
    make_segment(definition=LAST_PURCHASE_LONG_AGO)

    # It was bought at 13:00 in Warsaw.
    call_command("settle", now="2027-02-18T13:00:00")
    assert members() == set()
    call_command("settle", now="2027-02-18T13:00:01")

    assert members() == {contact.pk}


def test_settle_settles_at_the_clock_by_default():
    contact = make_contact("ann")
    make_segment()

    call_command("settle")

    assert members() == {contact.pk}


def test_what_is_followed_between_the_instant_and_the_look_is_no_mistake():
    """As if an event of the next half a second had been followed already."""
    EventType.objects.create(key="Purchase")
    soon = current_time() + timedelta(seconds=0.6)
    contact = make_contact("ann")
    make_segment(definition=PURCHASED)
    happen(contact, at=soon)
    call_command("settle", now=soon.isoformat())
    assert members() == {contact.pk}
    out = StringIO()

    call_command("check_memberships", stdout=out)

    assert out.getvalue() == "Every stored membership is right.\n"


def test_settle_refuses_what_is_no_instant():
    with pytest.raises(CommandError, match="2026-03-01T12:00:00Z"):
        call_command("settle", now="yesterday")


def test_the_check_says_that_everything_is_right():
    make_contact("ann")
    make_segment()
    call_command("settle")
    out = StringIO()

    call_command("check_memberships", stdout=out)

    assert "right" in out.getvalue()


def test_the_check_prints_every_difference_and_fails():
    ann, bob = make_contact("ann"), make_contact("bob")
    make_segment("vips")
    make_segment("all")
    call_command("settle")
    Membership.objects.filter(contact__in=[ann, bob], segment__key="vips").delete()
    out = StringIO()

    with pytest.raises(SystemExit) as caught:
        call_command("check_memberships", stdout=out)

    assert caught.value.code == 1
    assert out.getvalue().splitlines() == [
        f"vips: contact {contact.pk} is stored out, should be in" for contact in (ann, bob)
    ]


def test_the_check_of_one_segment_looks_at_no_other():
    ann = make_contact("ann")
    make_segment("vips")
    make_segment("all")
    call_command("settle")
    Membership.objects.filter(contact=ann, segment__key="vips").delete()

    call_command("check_memberships", segment="all", stdout=StringIO())


def test_the_check_refuses_a_segment_that_does_not_exist():
    with pytest.raises(CommandError, match="nowhere"):
        call_command("check_memberships", segment="nowhere")


def test_the_check_says_when_members_are_only_behind():
    make_contact("ann")
    make_segment("vips")
    call_command("settle")
    bob = make_contact("bob")
    PendingMark.objects.create(contact_id=bob.pk, bucket=0, kind=PendingMark.Kind.CREATED)
    Membership.objects.all().delete()
    err = StringIO()

    with pytest.raises(SystemExit):
        call_command("check_memberships", stdout=StringIO(), stderr=err)

    assert "manage.py settle" in err.getvalue()


class TestRebuild:
    def test_it_mends_what_the_check_found_and_changes_nothing_else(self):
        ann, bob = make_contact("ann"), make_contact("bob")
        make_segment("vips")
        call_command("settle")
        Membership.objects.filter(contact=ann).delete()
        before = Transition.objects.count()
        with pytest.raises(SystemExit):
            call_command("check_memberships", stdout=StringIO(), stderr=StringIO())
        out = StringIO()

        call_command("rebuild", stdout=out)
        call_command("settle")
        call_command("check_memberships", stdout=StringIO())

        assert out.getvalue() == "Computing 1 segment anew.\n"
        assert members() == {ann.pk, bob.pk}
        [move] = Transition.objects.order_by("seq")[before:]
        assert (move.contact, why(move.cause)) == (ann, "Computed anew")

    def test_one_segment_is_computed_without_the_others(self):
        make_segment("vips")
        make_segment("all")
        call_command("settle")

        call_command("rebuild", segment="vips", stdout=StringIO())

        assert [one.segment.key for one in Rebuild.objects.filter(state="building")] == ["vips"]

    def test_only_what_is_live_is_computed(self):
        draft = {"kind": "group", "match": "all", "children": []}
        create_segment(
            key="draft", name="Draft", definition=draft, status="draft", author=None, now=NOW
        )

        for name in ("nowhere", ""):
            with pytest.raises(CommandError, match=f"There is no segment '{name}'"):
                call_command("rebuild", segment=name)
        with pytest.raises(CommandError, match="draft is not live"):
            call_command("rebuild", segment="draft")
        call_command("rebuild", stdout=StringIO())

        assert not Rebuild.objects.exists()
