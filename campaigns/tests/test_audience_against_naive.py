"""The one statement judges random worlds as the naive judgement does, and forgets nobody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest
from django.db import connection, transaction

from campaigns.audience.judging import count_audience, judge, people
from campaigns.channels.models import Suppression, Way
from campaigns.models import Campaign, CampaignTarget, Message, SendingRules
from campaigns.push.models import PushAddress
from campaigns.reasons import Reason
from campaigns.tests.naive import SUPPRESSED, Somebody, Wanted, is_targeted, judged, some_people
from contacts.models import Consent, Contact
from segments.models import Membership, Segment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(25))
def test_everybody_is_judged_as_promised(seed):
    rng = Random(seed)  # noqa: S311 - any world will do
    segments = store_segments()
    others = [Campaign.objects.create(name=f"Before {n}", channel="email").pk for n in (1, 2)]
    for _ in range(4):
        with transaction.atomic():
            wanted = store_campaign(rng, segments)
            everybody = some_people(rng, now=NOW, campaign_ids=[*others, wanted.campaign.pk])
            store_people(everybody, segments)
            note_held_out(everybody, wanted.campaign)
            check_before(everybody, wanted)
            check_sending(everybody, wanted)
            transaction.set_rollback(True)


def check_before(everybody: list[Somebody], wanted: Wanted) -> None:
    right = {one.id: judged(one, wanted) for one in everybody if is_targeted(one, wanted)}

    audience = count_audience(campaign=wanted.campaign, now=NOW)

    counts = Counter(right.values())
    assert audience.receiving == counts.pop(None, 0)
    assert audience.left_out == counts
    assert audience.targeted == audience.receiving + sum(audience.left_out.values()) == len(right)
    for reason in (None, *Reason):
        assert listed(wanted.campaign, reason) == [
            contact_id for contact_id, one in right.items() if one == reason
        ], reason


def check_sending(everybody: list[Somebody], wanted: Wanted) -> None:
    ids = [one.id for one in everybody]

    verdicts = judge(campaign=wanted.campaign, contact_ids=[*ids, 10_000], now=NOW)

    right = {one.id: judged(one, wanted, sending=True) for one in everybody}
    assert {contact_id: one.reason for contact_id, one in verdicts.items()} == right
    for one in everybody:
        _, address = one.address(wanted.campaign.channel, wanted.adapter)
        assert verdicts[one.id].address == (address or "")


def listed(campaign: Campaign, reason: Reason | None) -> list[int]:
    """Page by page."""
    found: list[int] = []
    while page := people(
        campaign=campaign, reason=reason, now=NOW, after=found[-1] if found else None, limit=3
    ):
        found += [person.contact_id for person in page]
    return found


def store_segments() -> dict[str, Segment]:
    """“e” is in the archive, so nobody is targeted by it."""
    return {
        key: Segment.objects.create(
            key=key, name=key, kind="static", status="archived" if key == "e" else "live"
        )
        for key in "abcde"
    }


def store_campaign(rng: Random, segments: dict[str, Segment]) -> Wanted:
    adapter = rng.choice(["outbox", "http", "webpush"])
    cap = rng.choice([None, (1, 3), (2, 7)])
    SendingRules.objects.create(cap_messages=cap and cap[0], cap_days=cap and cap[1])
    campaign = Campaign.objects.create(
        name="Tested",
        channel=rng.choice(["email", "sms", "push"]),
        kind=rng.choice(["now", "entering", "entering"]),
        again_days=rng.choice([None, 2, 5]),
        holdout_percent=rng.choice([0, 30]),
        ignores_cap=rng.random() < 0.2,
    )
    Way.objects.create(channel=campaign.channel, adapter=adapter, config={"country_code": "48"})
    chosen = rng.sample("abcde", rng.randint(0, 4))
    excludes = {key for key in chosen if rng.random() < 0.3}
    for key in chosen:
        CampaignTarget.objects.create(
            campaign=campaign, segment=segments[key], excludes=key in excludes
        )
    return Wanted(campaign, adapter, set(chosen) - excludes - {"e"}, excludes, cap, NOW)


def store_people(everybody: list[Somebody], segments: dict[str, Segment]) -> None:
    Contact.objects.bulk_create(
        Contact(id=one.id, external_id=one.external_id, email=one.email, phone=one.phone)
        for one in everybody
    )
    Consent.objects.bulk_create(
        Consent(
            contact_id=one.id, channel=channel, at=at, subscribed=said, source="x", recorded_at=NOW
        )
        for one in everybody
        for (channel, at), both in one.consents.items()
        for said in both
    )
    Membership.objects.bulk_create(
        Membership(contact_id=one.id, segment=segments[key], entered_at=NOW)
        for one in everybody
        for key in one.segments
    )
    Message.objects.bulk_create(
        Message(
            contact_id=one.id,
            campaign_id=sent.campaign_id,
            occasion=sent.occasion,
            state=sent.state,
            due_at=sent.due_at,
            claimed_at=sent.claimed_at,
            sent_at=sent.sent_at,
        )
        for one in everybody
        for sent in one.messages
    )
    PushAddress.objects.bulk_create(
        PushAddress(digest=str(one.id), contact_id=one.id, created_at=NOW, seen_at=NOW)
        for one in everybody
        if one.has_browser
    )
    Suppression.objects.bulk_create(
        Suppression(
            channel=channel, digest=sha256(address.encode()).hexdigest(), why=why.value, at=NOW
        )
        for (channel, address), why in SUPPRESSED.items()
    )


def note_held_out(everybody: list[Somebody], campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, mod(mod(hashint8extended(id, %s), 100) + 100, 100) FROM contacts_contact",
            [campaign.pk],
        )
        drawn = dict(cursor.fetchall())
    for one in everybody:
        one.is_held_out = drawn[one.id] < campaign.holdout_percent


def test_a_campaign_without_segments_is_for_nobody():
    campaign = Campaign.objects.create(name="For whom?", channel="email")
    Contact.objects.create(email="ada@example.com")

    audience = count_audience(campaign=campaign, now=NOW)

    assert (audience.targeted, audience.receiving, audience.left_out) == (0, 0, {})
    assert people(campaign=campaign, reason=None, now=NOW, after=None, limit=10) == []


@pytest.mark.parametrize("percent", [10, 50])
def test_the_holdout_has_the_share_that_was_asked_for(percent):
    """Another one for each campaign, and the same each time."""
    segment = Segment.objects.create(key="all", name="All", kind="static", status="live")
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(5_000))
    ids = list(Contact.objects.values_list("pk", flat=True))
    Membership.objects.bulk_create(
        Membership(contact_id=pk, segment=segment, entered_at=NOW) for pk in ids
    )
    Consent.objects.bulk_create(
        Consent(
            contact_id=pk, channel="email", at=NOW, subscribed=True, source="x", recorded_at=NOW
        )
        for pk in ids
    )

    def held_out() -> set[int]:
        campaign = Campaign.objects.create(name="x", channel="email", holdout_percent=percent)
        CampaignTarget.objects.create(campaign=campaign, segment=segment)
        first, again = (
            people(campaign=campaign, reason=Reason.HELD_OUT, now=now, after=None, limit=5_000)
            for now in (NOW, NOW + timedelta(days=1))
        )
        assert first == again
        return {person.contact_id for person in first}

    one, other = held_out(), held_out()

    for share in (len(one), len(other)):
        assert share == pytest.approx(50 * percent, abs=5 * (50 * percent) ** 0.5)
    assert len(one & other) < 0.7 * len(one)
