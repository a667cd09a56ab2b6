"""The whole way through a mail server, while somebody interferes: by names, by edits, by erasing, by clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from campaigns.channels.models import Way
from campaigns.channels.tests.servers import mail_server
from campaigns.delivery.real import real_outside
from campaigns.delivery.running import deliver
from campaigns.delivery.settle import StandingClock, deliver_all
from campaigns.delivery.starting import start
from campaigns.delivery.tests.made import NOW, State, Status, states
from campaigns.models import Campaign, CampaignTarget, Message, SendingRules
from campaigns.progress import progress_of
from contacts.decisions import Decision
from contacts.erasure import erase_contacts
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segments.services import update_segment
from segments.tests.made import make_segment, settled

pytestmark = pytest.mark.django_db

PEOPLE = 30
CONTENT = {
    "format": "blocks",
    "color": "#066fd1",
    "subject": "Hello {{ contact.first_name }}",
    "blocks": [
        {"id": "a", "kind": "text", "text": "Dear {{ contact.first_name }} of {{ contact.city }}"},
        {"id": "b", "kind": "text", "text": "[Unsubscribe]({{ unsubscribe_url }})"},
    ],
}


@pytest.fixture
def mail(caplog):
    caplog.set_level("WARNING", logger="mail.log")
    with mail_server() as server:
        config = {"host": "127.0.0.1", "port": str(server.port), "security": "none"}
        sender = {"sender_address": "shop@example.com", "postal_address": "Main Street 1"}
        Way.objects.create(channel="email", adapter="smtp", config=config | sender)
        yield server


def add(number: int, **fields: str) -> None:
    row = ContactRow(
        built_in={"external_id": f"u{number}", "email": f"u{number}@example.com", **fields},
        attributes={},
        consents=(Decision("email", subscribed=True, source="form"),),
    )
    upsert_contacts(rows=[row], now=NOW - timedelta(days=9))


def begun(segment, now=NOW):
    campaign = Campaign.objects.create(name="Autumn", channel="email", content=CONTENT)
    CampaignTarget.objects.create(campaign=campaign, segment=segment)
    start(campaign=campaign, now=now, by=None)
    return campaign


def send_some(mail, count):
    """A worker stops in mid-send."""
    deliver(
        clock=StandingClock(NOW),
        outside=real_outside(),
        goes_on=lambda: len(mail.recipients) < count,
    )
    assert count <= len(mail.recipients) < PEOPLE


HOSTILE = [
    "Eve\r\nBcc: all@example.com",
    "Eve\nX-Spam: no\n\n<p>another body</p>",
    "{{ contact.email }}{% for i in (1..9) %}x{% endfor %}",
    "<script>alert(1)</script>\"'&",
    "=?utf-8?q?=0ABcc:_all@example.com?=",
    "\u2028\x0b\x85Bcc: all@example.com",
    ".\r\n.\r\nMAIL FROM:<x@example.com>\r\n",
]


def test_what_stands_in_fields_stays_there(mail):
    for number, name in enumerate(HOSTILE):
        add(number, city=name.replace("\x0b", " "))
    # Past what checks names as they come in.
    for number, name in enumerate(HOSTILE):
        Contact.objects.filter(external_id=f"u{number}").update(first_name=name)

    campaign = begun(settled(make_segment("everyone")))
    assert deliver_all(now=NOW) == len(HOSTILE)

    assert states(campaign) == [State.SENT] * len(HOSTILE)
    assert sorted(mail.recipients) == [f"u{n}@example.com" for n in range(len(HOSTILE))]
    usual = set(mail.taken[0].keys())
    for email in mail.taken:
        assert set(email.keys()) == usual
        assert not usual & {"Bcc", "X-Spam"}
        assert email["To"].addresses[0].addr_spec in mail.recipients
        assert str(email["From"]) == "shop@example.com"
        assert str(email["Subject"]).startswith("Hello ")
        html = email.get_body(("html",)).get_content()
        assert "<script>" not in html
        assert "<p>another body</p>" not in html
        assert "xxxxxxxxx" not in html
    templated = next(one for one in mail.taken if one["To"].addresses[0].username == "u2")
    assert HOSTILE[2] in templated["Subject"]
    assert "{{ contact.email }}" in templated.get_body(("html",)).get_content()


def test_a_segment_that_is_edited_in_mid_send_changes_nobody(mail):
    for number in range(PEOPLE):
        add(number, city="Oslo")
    oslo = {"kind": "field", "field": "city", "operator": "equals", "value": "Oslo"}
    segment = settled(make_segment("oslo", {"kind": "group", "match": "all", "children": [oslo]}))
    campaign = begun(segment)
    version = campaign.targets.get().version_id
    send_some(mail, 7)

    add(PEOPLE, city="Rome")
    rome = {"kind": "group", "match": "all", "children": [{**oslo, "value": "Rome"}]}
    update_segment(segment=segment, definition=rome, author=None, now=NOW)
    assert settled(segment).member_count == 1
    deliver_all(now=NOW)

    assert sorted(mail.recipients) == sorted(f"u{n}@example.com" for n in range(PEOPLE))
    campaign.refresh_from_db()
    assert campaign.status == Status.DONE
    assert campaign.targets.get().version_id == version != segment.live_version_id


def test_contacts_that_are_erased_in_mid_send_get_nothing_more_and_leave_nothing(mail):
    for number in range(PEOPLE):
        add(number)
    campaign = begun(settled(make_segment("everyone")))
    send_some(mail, 5)
    got = set(mail.recipients)
    gone = Contact.objects.filter(email__in=[*list(got)[:2], "u29@example.com", "u28@example.com"])

    erase_contacts(contact_ids=[contact.pk for contact in gone])
    deliver_all(now=NOW)

    assert len(mail.recipients) == len(set(mail.recipients)) == PEOPLE - 2
    assert not {"u28@example.com", "u29@example.com"} & set(mail.recipients)
    assert Message.objects.filter(campaign=campaign).count() == PEOPLE - 4
    campaign.refresh_from_db()
    progress = progress_of(campaign)
    assert (progress.targeted, progress.sent, progress.erased) == (PEOPLE, PEOPLE - 4, 4)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_when_the_clock_says_so_in_the_night_in_which_it_changes(
    mail, asked, allowed
):
    SendingRules.objects.create(quiet_from=time(22), quiet_to=time(8))
    add(1, timezone="Europe/Warsaw")
    campaign = begun(settled(make_segment("everyone"), now=asked), now=asked)

    assert deliver_all(now=allowed - timedelta(seconds=1)) == 0
    assert states(campaign) == [State.WAITING]
    assert deliver_all(now=allowed) == 1
