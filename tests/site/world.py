"""A small world in which every page has something to show."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django_otp_webauthn.models import WebAuthnCredential
from django_q.models import Failure, OrmQ
from django_q.signing import SignedPackage

from campaigns.channels.hooks import hook_secret
from campaigns.channels.models import OutboxMessage, Way
from campaigns.keys import MessageKey
from campaigns.models import Campaign, CampaignTarget, Message, SendingRules
from campaigns.pictures.keeping import keep_picture
from campaigns.tracking.short import short_links
from campaigns.tracking.tokens import Kind, sign
from contacts.decisions import Decision
from contacts.fields import create_field
from contacts.imports.services import receive_import
from contacts.imports.storing import Received, make_folder, refused_of
from contacts.models import Contact, ContactImport, Field
from contacts.retyping.models import FieldChange, OldValue
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType, IngestProblem
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.api.keys import create_key
from segmentflow.api.websites import create_website
from segmentflow.models import ApiKey, Session, User, Website
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.users import give_role
from segments import services
from segments.engine.settle import settle
from segments.models import Rebuild, Segment, SegmentVersion, Transition
from segments.starting.saving import save_as_template
from tests.site.exports import make_alert, make_export
from tests.site.webhooks import make_webhook

VIPS = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "Status_VIP", "operator": "equals", "value": "Gold"}],
}
BUYERS = {
    "kind": "group",
    "match": "all",
    "children": [
        {"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1},
        {"kind": "segment", "segment": "vips", "member": True},
    ],
}
SHOP = "https://shop.example/sale"
DOT = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A GIF of one transparent pixel."""
SPRING: dict[str, Any] = {
    "format": "blocks",
    "subject": "Spring, {{ contact.first_name }}",
    "preheader": "What is new",
    "color": "#066fd1",
    "blocks": [
        {"id": "b1", "kind": "heading", "text": "Hello {{ contact.first_name }}", "align": "left"},
        {"id": "b2", "kind": "text", "text": "Look **here**.", "align": "left"},
        {"id": "b3", "kind": "button", "text": "Shop", "url": SHOP, "align": "center"},
        {"id": "b4", "kind": "image", "src": "", "alt": "Tulips", "url": "", "align": "center"},
        {"id": "b5", "kind": "divider"},
        {"id": "b6", "kind": "spacer", "height": 24},
    ],
}
TEXT = {"text": "Hello {{ contact.first_name }}, spring is here: " + SHOP}
PUSH = {"title": "Spring", "body": "Hello {{ contact.first_name }}", "url": SHOP}
PEOPLE = [
    ("anna", "Anna", "Kowalska", "Gold"),
    ("jonas", "Jonas", "Meyer", "Silver"),
    ("lucia", "Lucía", "Rey", "Gold"),
]


def make_world(*, now: datetime) -> None:
    """Three contacts, six events, and a segment in each state; everything settled."""
    create_field(raw={"key": "Status_VIP", "type": "text", "choices": ["Gold", "Silver"]}, now=now)
    create_field(raw={"key": "Birthday", "type": "date", "description": "Day of birth"}, now=now)
    EventType.objects.create(key="Purchase", label="Purchase", value_attribute="amount")
    upsert_contacts(
        rows=[
            ContactRow(
                built_in={
                    "external_id": key,
                    "email": f"{key}@example.com",
                    "first_name": first,
                    "last_name": last,
                },
                attributes={"Status_VIP": status, "Birthday": "1990-05-17"},
                consents=(Decision("email", subscribed=status == "Gold", source="Sign-up form"),),
            )
            for key, first, last, status in PEOPLE
        ],
        now=now,
    )
    _make_segments(now)
    settle(now=now)
    record_events(rows=list(_events(now)), now=now)
    settle(now=now)
    create_key(name="Shop", scopes=["ingest"])
    create_website(name="Web shop", origins=["https://www.example.com"])


def make_import(*, now: datetime) -> ContactImport:
    """A small file that waits for its columns to be mapped; one row was refused by an earlier run."""
    token = uuid.uuid4().hex
    content = b"external_id,Joined on\nann,03/04/2026\n,05/06/2026\n"
    (make_folder(token) / "upload").write_bytes(content)
    received = Received("people.csv", token, len(content))
    one = receive_import(received=received, author=None, now=now)
    refused_of(one).write_text("Line,Why\n")
    return one


def make_person(role: str, *, password: str | None = None) -> User:
    user = User.objects.create_user(f"{role or 'nobody'} person", password=password)
    give_role(user=user, role=role)
    return user


def _make_segments(now: datetime) -> None:
    def make(key: str, **values: Any) -> None:
        services.create_segment(key=key, author=None, now=now, **values)

    make("vips", name="VIPs", definition=VIPS, description="Who has status Gold")
    make("buyers", name="VIPs who bought", definition=BUYERS)
    make("draft", name="An idea", definition=VIPS, status="draft")
    make("listed", name="Picked by hand", kind="static")


def _events(now: datetime) -> list[EventRow]:
    return [
        EventRow(
            contact=ContactRef("external_id", key),
            type=type_,
            occurred_at=now - timedelta(days=day),
            message_id=f"{key}-{type_}",
            attributes={"amount": 20 + day, "category": "shoes"},
        )
        for day, (key, type_) in enumerate(
            [
                ("anna", "Purchase"),
                ("anna", "Page visit / home"),
                ("jonas", "Purchase"),
                ("jonas", "MailOpen"),
                ("lucia", "Page visit / home"),
                ("lucia", "Cart_add"),
            ]
        )
    ]


def make_things(*, now: datetime) -> dict[str, Any]:
    """What addresses are about, by the names that matrix.py has in braces; the world is there."""
    for key in ("new", "second"):
        create_field(raw={"key": key, "type": "text"}, now=now)
    other = Contact.objects.create(external_id="second")
    version = SegmentVersion.objects.filter(segment__key="vips").latest("number")
    owner, somebody = User.objects.create_superuser("owner"), User.objects.create_user("other")
    now_and_then = {"started": now, "stopped": now}
    campaigns = make_campaigns(now=now)
    make_alert(now=now)
    anna = MessageKey(Contact.objects.get(external_id="anna").pk, campaigns["campaign"], 0)
    save_as_template(
        segment=version.segment,
        name="Ours",
        description="Who has status Gold",
        category="",
        author=owner,
        now=now,
    )
    return {
        "rules": SendingRules.objects.create().pk,
        "way": Way.objects.create(channel="push").pk,
        "hook": hook_secret("email", "postmark"),
        "sms_hook": hook_secret("sms", "gateway"),
        **campaigns,
        **make_export(now=now),
        "opening": sign(Kind.OPEN, anna),
        "clicking": f"{sign(Kind.CLICK, anna, SHOP)}?u={SHOP}",
        "leaving": sign(Kind.UNSUBSCRIBE, anna),
        "short": short_links(pairs=[(anna, SHOP)], base="")[anna, SHOP].rpartition("/")[2],
        "contact": Contact.objects.get(external_id="anna").pk,
        "other": other.pk,
        "move": Transition.objects.filter(contact__external_id="anna", segment__key="vips")[0].seq,
        "field": Field.objects.get(key="Birthday").pk,
        "change": make_unfit_change().pk,
        "import": make_import(now=now).pk,
        "type": EventType.objects.get(key="Purchase").pk,
        "problem": IngestProblem.objects.create(path="x", code="y", first_at=now, last_at=now).pk,
        "segment": version.segment_id,
        "version": version.pk,
        "rebuild": Rebuild.objects.create(
            segment=version.segment, version=version, state="done"
        ).pk,
        "user": somebody.pk,
        "passkey": make_passkey(somebody).pk,
        "session": make_session(somebody, now=now).ref,
        "owner": owner.pk,
        "key": ApiKey.objects.get(name="Shop").pk,
        "website": Website.objects.get().pk,
        **make_webhook(now=now),
        "group": Group.objects.get(name=ADMINS).pk,
        "failure": Failure.objects.create(
            id="f" * 32, name="one", func="math.sqrt", success=False, **now_and_then
        ).pk,
        "waiting": OrmQ.objects.create(
            key="default", payload=SignedPackage.dumps({"id": "w", "name": "two", "func": "x"})
        ).pk,
    }


def make_passkey(user: User) -> Any:
    """As it is kept; no device has the other half."""
    return WebAuthnCredential.objects.create(
        user=user,
        name="Phone",
        credential_id=user.username.encode(),
        public_key=b"no key",
        aaguid="00000000-0000-0000-0000-000000000000",
    )


def make_locked(*, now: datetime) -> User:
    """Somebody with a second factor who tried too often."""
    user = make_person(MARKETERS)
    make_passkey(user)
    AccessAttempt.objects.create(
        username=user.username, ip_address="192.0.2.7", failures_since_start=9, attempt_time=now
    )
    return user


def make_session(user: User, *, now: datetime) -> Session:
    """Of somebody who is signed in elsewhere."""
    return Session.objects.create(
        session_key=f"elsewhere-{user.pk}",
        session_data="",
        expire_date=now + timedelta(days=1),
        user=user,
        how="password",
        address="192.0.2.7",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        signed_in_at=now - timedelta(days=2),
        seen_at=now - timedelta(hours=3),
    )


def make_campaigns(*, now: datetime) -> dict[str, Any]:
    """Drafts, one for the VIPs; one under way; a picture, and a message in the outbox."""
    campaign = Campaign.objects.create(name="Spring", channel="email", content=SPRING)
    CampaignTarget.objects.create(campaign=campaign, segment=Segment.objects.get(key="vips"))
    picture = keep_picture(name="dot.gif", data=DOT, author=None, now=now)
    return {
        "campaign": campaign.pk,
        "sms": Campaign.objects.create(name="Text", channel="sms", content=TEXT).pk,
        "push": Campaign.objects.create(name="Push", channel="push", content=PUSH).pk,
        "sending": _make_sending(now=now).pk,
        "picture": picture.pk,
        "picture_token": picture.token,
        "outbox": make_outbox_message(campaign, now=now).pk,
    }


def make_outbox_message(campaign: Campaign, *, now: datetime) -> OutboxMessage:
    return OutboxMessage.objects.create(
        contact_id=Contact.objects.get(external_id="anna").pk,
        campaign_id=campaign.pk,
        occasion=0,
        channel="email",
        at=now,
        address="anna@example.com",
        sender="Shop <shop@example.com>",
        subject="Spring is here",
        html="<p>Hello Anna</p>",
        text="Hello Anna",
        headers={"List-Unsubscribe": "<https://example.com/>"},
    )


def _make_sending(*, now: datetime) -> Campaign:
    """A campaign under way: one message is out and was read, one failed, one contact gets none."""
    version = SegmentVersion.objects.filter(segment__key="vips").latest("number")
    campaign = Campaign.objects.create(
        name="Summer", channel="email", status="sending", started_at=now
    )
    CampaignTarget.objects.create(campaign=campaign, segment=version.segment, version=version)
    anna, jonas, lucia = Contact.objects.filter(external_id__in=["anna", "jonas", "lucia"])
    sent = {"campaign": campaign, "sent_at": now, "delivered_at": now, "address": anna.email}
    state = Message.State
    Message.objects.create(contact=anna, state=state.SENT, opened_at=now, clicked_at=now, **sent)
    Message.objects.create(
        contact=jonas, campaign=campaign, state=state.LEFT_OUT, reason="unsubscribed"
    )
    Message.objects.create(
        contact=lucia, campaign=campaign, state=state.FAILED, error="No such mailbox"
    )
    return campaign


def make_unfit_change() -> FieldChange:
    """A change of type that waits, with a value that does not convert."""
    anna = Contact.objects.get(external_id="anna")
    change = FieldChange.objects.create(
        field=Field.objects.get(key="Birthday"),
        before="date",
        after="text",
        state="ready",
        fit=1,
        unfit=1,
        examples=[{"before": "1990-05-17", "after": "1990-05-17"}],
        problems=[{"value": "x", "count": 1, "contacts": [anna.pk], "why": "It is too long."}],
        kinds=1,
    )
    OldValue.objects.create(contact_id=anna.pk, change=change, before="x")
    return change
