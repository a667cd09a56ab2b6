"""Alerts from the tallies of segments to the mail: who is told what, once, and why it changed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings as django_settings

from campaigns.channels.models import OutboxMessage, Way
from campaigns.channels.tests.servers import free_port, mail_server
from contacts.erasure import erase_contacts
from contacts.models import Contact
from contacts.problems import Refused
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from outbound.alerts.looking import look_at_alerts, sizes
from outbound.alerts.mailing import TRIED_FOR, send_mails
from outbound.alerts.models import AlertMail, AlertNotice, AlertRule
from outbound.alerts.services import Wanted, set_alert, try_mails_again
from outbound.alerts.wakes import is_work
from segmentflow.roles import MARKETERS
from segmentflow.tallies import roll_up
from segments.engine.settle import settle
from segments.models import Rebuild
from segments.services import update_segment
from segments.tests.made import GOLD, NOW, make_field, make_segment, make_user, queries_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SILVER = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Silver"}],
}


def turn(names, tier, *, now):
    rows = [ContactRow(built_in={"external_id": name}, attributes={"tier": tier}) for name in names]
    upsert_contacts(rows=rows, now=now)
    settle(now=now)


def people(count, start=0):
    return [f"c{number}" for number in range(start, start + count)]


@pytest.fixture
def ada():
    user = make_user(MARKETERS)
    user.email = "ada@example.com"
    user.first_name, user.last_name = "Ada", "Lovelace"
    user.save()
    return user


@pytest.fixture
def gold(ada):
    """Ten members since two days."""
    make_field()
    then = NOW - timedelta(days=2)
    turn(people(10), "Gold", now=then)
    segment = make_segment("gold", GOLD, author=ada, now=then)
    settle(now=then)
    Rebuild.objects.update(ended_at=then)
    segment.refresh_from_db()
    return segment


def told(now):
    return look_at_alerts(now=now)


def test_a_change_within_a_day_is_told_with_its_numbers(gold, ada):
    set_alert(segment=gold, wanted=Wanted(change=19))
    assert told(NOW) == []
    turn(people(3), "Silver", now=NOW + HOUR)
    turn(people(1, 50), "Gold", now=NOW + HOUR)

    (notice,) = told(NOW + HOUR)

    assert (notice.before, notice.size, notice.entered, notice.left) == (10, 8, 1, 3)
    assert notice.before_at == NOW + HOUR - timedelta(days=1)
    assert notice.causes["moves"] == {"field": [0, 3], "created": [1, 0]}
    assert told(NOW + 2 * HOUR) == []
    assert [mail.user for mail in AlertMail.objects.all()] == [ada]


def test_numbers_are_the_same_before_and_after_tallies_were_rolled_up(gold):
    set_alert(segment=gold, wanted=Wanted(empty=True))
    turn(people(4), "Silver", now=NOW)

    before = sizes(now=NOW)
    roll_up()

    assert sizes(now=NOW) == before
    assert (before[0].facts.size, before[0].facts.before) == (6, 10)


def test_who_was_erased_was_never_there(gold):
    set_alert(segment=gold, wanted=Wanted(change=5))
    told(NOW)
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)[:5]

    erase_contacts(contact_ids=list(ids))

    assert told(NOW + HOUR) == []
    assert sizes(now=NOW)[0].facts.before == 5


def test_becoming_empty_is_what_a_mail_is_about_when_more_was_crossed(gold):
    set_alert(segment=gold, wanted=Wanted(change=20, empty=True, below=5))
    told(NOW)
    turn(people(10), "Silver", now=NOW + HOUR)

    (notice,) = told(NOW + HOUR)

    assert [rule["kind"] for rule in notice.rules] == ["empty", "below", "change"]
    assert AlertMail.objects.count() == 1


def test_nobody_is_told_while_a_segment_is_built_and_then_who_edited_it(gold, ada):
    set_alert(segment=gold, wanted=Wanted(empty=True))
    told(NOW)
    update_segment(segment=gold, definition=SILVER, author=ada, now=NOW)
    turn(people(2), "Bronze", now=NOW - HOUR)  # settles the rebuild, too
    Rebuild.objects.create(segment=gold, version=gold.versions.latest("number"), state="building")
    assert told(NOW + HOUR) == []

    Rebuild.objects.filter(state="building").delete()
    (notice,) = told(NOW + HOUR)

    assert notice.causes["moves"]["definition"] == [0, 10] or notice.size == 0
    assert [edit["author"] for edit in notice.causes["edits"]] == ["Ada Lovelace"]


def test_the_first_members_of_a_segment_are_no_change(ada):
    make_field()
    turn(people(3), "Gold", now=NOW)
    segment = make_segment("new", GOLD, author=ada)
    set_alert(segment=segment, wanted=Wanted(change=10))
    settle(now=NOW)

    assert told(NOW) == []
    assert told(NOW + HOUR) == []


def test_a_mail_goes_by_the_way_of_emails_and_says_how_to_stop_it(gold, settings):
    settings.PUBLIC_URL = "https://flow.example.com"
    set_alert(segment=gold, wanted=Wanted(empty=True))
    told(NOW)
    turn(people(10), "Silver", now=NOW + HOUR)
    told(NOW + HOUR)

    send_mails(clock=lambda: NOW + HOUR)

    (mail,) = OutboxMessage.objects.all()
    assert (mail.address, mail.subject) == ("ada@example.com", "“Gold” is empty")
    for body in (mail.text, mail.html):
        assert "https://flow.example.com/segments/gold/alerts" in body
        assert "10 left" in body
        assert "Nobody changed the definition" in body
    assert AlertMail.objects.get().state == "sent"
    assert send_mails(clock=lambda: NOW + 2 * HOUR) == 0


def make_notice(gold):
    set_alert(segment=gold, wanted=Wanted(empty=True))
    told(NOW)
    turn(people(10), "Silver", now=NOW)
    (notice,) = told(NOW)
    return notice


def by_server(port):
    Way.objects.create(
        channel="email",
        adapter="smtp",
        config={
            "host": "127.0.0.1",
            "port": str(port),
            "security": "none",
            "sender_address": "flow@example.com",
        },
    )


def test_a_mail_that_cannot_leave_is_kept_and_sent_when_it_can(gold):
    make_notice(gold)
    port = free_port()
    by_server(port)

    send_mails(clock=lambda: NOW)
    mail = AlertMail.objects.get()
    assert (mail.state, mail.attempts, bool(mail.error)) == ("waiting", 1, True)
    assert mail.try_at == NOW + timedelta(minutes=1)
    assert not is_work(NOW) or AlertRule.objects.exists()

    with mail_server() as server:
        Way.objects.update(config=Way.objects.get().config | {"port": str(server.port)})
        try_mails_again(segment=gold, now=NOW)
        send_mails(clock=lambda: NOW)
        assert server.recipients == ["ada@example.com"]
        assert server.taken[0]["Subject"] == "“Gold” is empty"
    assert AlertMail.objects.get().state == "sent"


def test_somebody_without_an_address_is_said_and_waited_for(gold, ada):
    make_notice(gold)
    ada.email = ""
    ada.save()

    mail = AlertMail.objects.get()
    while mail.state == "waiting":
        last = mail.try_at
        send_mails(clock=partial(AlertMail.objects.values_list("try_at", flat=True).get))
        mail.refresh_from_db()

    assert (mail.state, last - NOW <= TRIED_FOR) == ("failed", True)
    assert "no email address" in mail.error


def test_who_may_not_see_segments_is_not_told(gold):
    other = make_user("", "eve")
    set_alert(segment=gold, wanted=Wanted(empty=True, to_owner=False, users=(other,)))
    told(NOW)
    turn(people(10), "Silver", now=NOW)

    assert len(told(NOW)) == 1
    assert not AlertMail.objects.exists()


def test_a_bound_that_is_changed_begins_anew_and_others_go_on(gold):
    set_alert(segment=gold, wanted=Wanted(change=50, below=5))
    told(NOW)
    turn(people(6), "Silver", now=NOW)
    told(NOW)

    set_alert(segment=gold, wanted=Wanted(change=10, below=5))

    sides = dict(AlertRule.objects.values_list("kind", "is_over"))
    assert sides == {"change": None, "below": True}


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (Wanted(change=0), "change"),
        (Wanted(below=0), "below"),
        (Wanted(above=-1), "above"),
        (Wanted(below=10**20), "below"),
        (Wanted(below=10, above=5), "below"),
        (Wanted(empty=True, to_owner=False), "users"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(gold, wanted, path):
    with pytest.raises(Refused) as refused:
        set_alert(segment=gold, wanted=wanted)

    assert [problem.path for problem in refused.value.problems] == [path]


def test_looking_costs_the_same_for_many_segments(gold):
    set_alert(segment=gold, wanted=Wanted(change=10))
    told(NOW)
    few = queries_of(lambda: told(NOW))
    for number in range(5):
        segment = make_segment(f"more{number}", GOLD)
        set_alert(segment=segment, wanted=Wanted(change=10, empty=True, to_owner=True))
    settle(now=NOW)
    told(NOW)

    assert queries_of(lambda: told(NOW)) == few
    assert not AlertNotice.objects.exists()
    assert django_settings.PUBLIC_URL
