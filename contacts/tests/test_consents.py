"""Decisions are added and never changed; the newest one by its time holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.consents import Held, consents_of, set_consents
from contacts.decisions import Decision
from contacts.erasure import erase_contacts
from contacts.merging import foretold, merge_contacts
from contacts.models import Consent, Contact
from contacts.problems import Problem
from contacts.rows import ContactRow, read_contact
from contacts.services import try_contacts, upsert_contacts
from contacts.tests.made import NOW, make_contact, queries_of
from segmentflow.workspace import update_workspace

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def decide(contact, *, subscribed, channel="email", at=None, source="API", now=NOW):
    set_consents(decisions=[(contact.pk, Decision(channel, subscribed, source, at))], now=now)


def held(contact, channel="email"):
    return consents_of([contact.pk]).get(contact.pk, {}).get(channel)


def sent(**consents):
    row = read_contact({"external_id": "u1", "consents": consents})
    assert isinstance(row, ContactRow), row
    upsert_contacts(rows=[row], now=NOW)
    return Contact.objects.get(external_id="u1")


def problems(consents):
    row = read_contact({"external_id": "u1", "consents": consents})
    assert isinstance(row, list)
    assert all(isinstance(one, Problem) for one in row)
    return [(one.path, one.code) for one in row]


def test_who_was_never_asked_has_no_consent():
    assert consents_of([make_contact().pk]) == {}


def test_a_decision_holds_with_its_date_and_source():
    contact = make_contact()

    decide(contact, subscribed=True, source="Newsletter form", at=NOW - DAY)

    assert held(contact) == Held(subscribed=True, at=NOW - DAY, source="Newsletter form")
    assert held(contact, "sms") is None


def test_saying_the_same_again_adds_nothing():
    contact = make_contact()

    for _ in range(3):
        decide(contact, subscribed=True)
        decide(contact, subscribed=False, channel="sms", at=NOW)

    assert Consent.objects.count() == 2


def test_a_change_of_mind_is_added_to_the_history():
    contact = make_contact()
    decide(contact, subscribed=True)

    decide(contact, subscribed=False, source="Anna Berg", now=NOW + DAY)

    assert held(contact) == Held(subscribed=False, at=NOW + DAY, source="Anna Berg")
    assert Consent.objects.count() == 2


def test_a_decision_that_is_told_late_is_kept_and_changes_nothing():
    contact = make_contact()
    decide(contact, subscribed=True, at=NOW)

    decide(contact, subscribed=False, at=NOW - DAY, now=NOW + DAY)

    assert held(contact).subscribed
    assert Consent.objects.count() == 2


def test_of_two_decisions_at_the_same_time_the_withdrawal_holds():
    for order in ([True, False], [False, True]):
        contact = make_contact(f"u{order}")
        for subscribed in order:
            decide(contact, subscribed=subscribed, at=NOW)

        assert not held(contact).subscribed


def test_what_is_decided_now_holds_even_where_another_clock_is_ahead():
    contact = make_contact()
    decide(contact, subscribed=True, now=NOW + DAY)

    decide(contact, subscribed=False, now=NOW)

    assert not held(contact).subscribed


def test_a_decision_from_the_future_counts_from_now_on():
    contact = make_contact()

    decide(contact, subscribed=True, at=NOW + DAY)

    assert held(contact).at == NOW


def test_a_time_without_an_offset_is_local_to_the_workspace():
    update_workspace(time_zone="America/New_York")

    contact = sent(email={"state": "subscribed", "at": "2026-11-01T09:00:00"})

    zone = ZoneInfo("America/New_York")
    assert held(contact).at == datetime(2026, 11, 1, 9, tzinfo=zone)


def test_of_a_batch_the_last_word_counts():
    rows = [read_contact({"external_id": "u1", "consents": {"email": it}}) for it in (False, True)]

    upsert_contacts(rows=rows, now=NOW)  # type: ignore[arg-type]

    assert held(Contact.objects.get()).subscribed


def test_a_contact_is_sent_with_consents_in_either_form():
    at = "2026-11-01T09:00:00Z"

    contact = sent(
        email=True, sms=False, push={"state": "subscribed", "at": at, "source": "Mobile app"}
    )

    found = consents_of([contact.pk])[contact.pk]
    assert {name: (one.subscribed, one.source) for name, one in found.items()} == {
        "email": (True, "API"),
        "sms": (False, "API"),
        "push": (True, "Mobile app"),
    }


@pytest.mark.parametrize(
    ("consents", "wrong"),
    [
        ([], ("consents", "wrong_type")),
        ({"fax": True}, ("consents.fax", "unknown_channel")),
        ({"email": None}, ("consents.email", "wrong_type")),
        ({"email": "yes"}, ("consents.email", "wrong_type")),
        ({"email": 1}, ("consents.email", "wrong_type")),
        ({"email": {}}, ("consents.email.state", "wrong_type")),
        ({"email": {"state": []}}, ("consents.email.state", "wrong_type")),
        ({"email": {"state": "maybe"}}, ("consents.email.state", "wrong_type")),
        ({"email": {"state": "subscribed", "at": "soon"}}, ("consents.email.at", "invalid_time")),
        ({"email": {"state": "subscribed", "at": 5}}, ("consents.email.at", "invalid_time")),
        (
            {"email": {"state": "subscribed", "source": "x" * 201}},
            ("consents.email.source", "wrong_type"),
        ),
        ({"email": {"state": "subscribed", "source": 1}}, ("consents.email.source", "wrong_type")),
        ({"email": {"state": "subscribed", "by": 1}}, ("consents.email.by", "unknown_key")),
        ({"fa\0x": True}, ("consents.fa�x", "unknown_channel")),
    ],
)
def test_what_is_no_consent_is_refused_with_its_place(consents, wrong):
    assert problems(consents) == [wrong]


def test_a_row_that_is_refused_says_nothing_about_consents():
    row = ContactRow(
        built_in={"external_id": "u1"},
        attributes={"unknown": 1},
        consents=(Decision("email", subscribed=True, source="API"),),
    )

    assert upsert_contacts(rows=[row], now=NOW).errors
    assert not Consent.objects.exists()


def test_trying_stores_no_consent():
    row = ContactRow(
        built_in={"external_id": "u1"}, consents=(Decision("email", subscribed=True, source="API"),)
    )

    try_contacts(rows=[row], new_fields={})

    assert not Consent.objects.exists()


def test_contacts_without_consents_cost_nothing():
    def store(number, consents=()):
        row = ContactRow(built_in={"external_id": f"u{number}"}, consents=consents)
        upsert_contacts(rows=[row], now=NOW)

    store(0)
    without = queries_of(lambda: store(1))
    with_one = queries_of(
        lambda: store(2, (Decision("email", subscribed=True, source="API", at=NOW),))
    )

    assert with_one == without + 1


def test_erasing_leaves_no_consent():
    contact = make_contact()
    decide(contact, subscribed=True)

    erase_contacts(contact_ids=[contact.pk])

    assert not Consent.objects.exists()


def test_merging_keeps_both_histories_and_the_newest_decision_holds():
    keep, lose = make_contact("u1"), make_contact("u2")
    decide(keep, subscribed=True, at=NOW - DAY)
    decide(lose, subscribed=False, at=NOW, source="Unsubscribe event")
    decide(keep, subscribed=True, channel="sms", at=NOW)
    decide(lose, subscribed=False, channel="sms", at=NOW - DAY)
    decide(lose, subscribed=True, channel="push", at=NOW)

    merge_contacts(keep=keep.pk, lose=lose.pk, now=NOW)

    found = consents_of([keep.pk])[keep.pk]
    assert {name: one.subscribed for name, one in found.items()} == {
        "email": False,
        "sms": True,
        "push": True,
    }
    assert Consent.objects.filter(contact=keep).count() == 5 == Consent.objects.count()


def test_merging_two_who_decided_the_same_at_the_same_time_keeps_it_once():
    keep, lose = make_contact("u1"), make_contact("u2")
    for contact in (keep, lose):
        decide(contact, subscribed=True, at=NOW)
    decide(lose, subscribed=False, at=NOW)

    merge_contacts(keep=keep.pk, lose=lose.pk, now=NOW)

    assert not held(keep).subscribed
    assert Consent.objects.count() == 2


def test_before_merging_it_is_said_which_consent_will_hold():
    keep, lose = make_contact("u1"), make_contact("u2")
    decide(keep, subscribed=True, at=NOW - DAY)
    decide(lose, subscribed=False, at=NOW, source="Anna Berg")
    decide(keep, subscribed=True, channel="sms", at=NOW)
    decide(lose, subscribed=False, channel="sms", at=NOW)
    decide(lose, subscribed=True, channel="push", at=NOW)

    said = " ".join(foretold(keep=keep.pk, lose=lose.pk))

    assert "Email will be unsubscribed: the newer decision, 20 November 2026 (Anna Berg)" in said
    assert "SMS will be unsubscribed: the withdrawal of two decisions at once" in said
    assert "Push will be subscribed: as the other one decided" in said


class AnyOrder(TestCase):
    """Also where messages are late, doubled and out of order."""

    @given(
        st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=6).flatmap(
            lambda told: st.tuples(
                st.just(told), st.permutations(told), st.lists(st.sampled_from(told), max_size=3)
            )
        )
    )
    def test_the_same_decisions_end_the_same_however_they_come(self, case):
        told, shuffled, doubled = case
        contact = make_contact()
        Consent.objects.all().delete()
        for day, subscribed in (*shuffled, *doubled):
            decide(contact, subscribed=subscribed, at=NOW - day * DAY)

        newest = min(day for day, _ in told)
        expected = all(subscribed for day, subscribed in told if day == newest)
        assert held(contact).subscribed == expected
        assert Consent.objects.count() == len(set(told))
