"""Drafts: made, changed by several people at once, copied, deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.content import EMPTY
from campaigns.models import Campaign, CampaignTarget
from campaigns.services import (
    Stale,
    change_campaign,
    create_campaign,
    delete_campaign,
    duplicate_campaign,
    set_targets,
)
from contacts.problems import Conflict, Refused
from segmentflow.roles import CAMPAIGN_MANAGERS
from segments.tests.made import NOW, make_segment, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return create_campaign(name="Spring", channel="email", by=None, now=NOW)


def change(draft, revision=None, by=None, **changes):
    revision = draft.revision if revision is None else revision
    return change_campaign(campaign=draft, revision=revision, changes=changes, by=by, now=NOW)


def targets_of(campaign):
    rows = CampaignTarget.objects.filter(campaign=campaign).order_by("pk")
    return [(row.segment.key, row.excludes) for row in rows.select_related("segment")]


def test_a_new_one_is_a_draft_with_an_empty_message_for_its_segments():
    segment = make_segment("vips")

    draft = create_campaign(name=" Spring ", channel="sms", include=[segment], by=None, now=NOW)

    assert (draft.name, draft.status, draft.content) == ("Spring", "draft", EMPTY["sms"])
    assert targets_of(draft) == [("vips", False)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_a_name_that_makes_no_sense_is_refused(name):
    with pytest.raises(Refused):
        create_campaign(name=name, channel="email", by=None, now=NOW)


def test_a_change_is_stored_and_grows_the_revision(draft):
    changed = change(draft, name="Summer", holdout_percent=10)

    stored = Campaign.objects.get()
    assert (stored.name, stored.holdout_percent, stored.revision) == ("Summer", 10, 1)
    assert changed.changes.get().words == ["Name: “Spring” → “Summer”", "Hold-out: 0 % → 10 %"]


def test_what_is_the_same_is_no_change_however_old_its_revision(draft):
    change(draft, name="Summer")

    assert change(draft, revision=0, name="Summer").revision == 1


def test_a_change_to_an_older_revision_is_refused_with_the_difference(draft):
    bert = make_user(CAMPAIGN_MANAGERS, "bert")
    change(draft, by=bert, name="Summer")
    change(draft, revision=1, by=bert, holdout_percent=5)

    with pytest.raises(Stale) as stale:
        change(draft, revision=0, name="Autumn")

    assert stale.value.campaign.revision == 2
    assert [(row.by, row.words) for row in stale.value.changes] == [
        (bert, ["Name: “Spring” → “Summer”"]),
        (bert, ["Hold-out: 0 % → 5 %"]),
    ]
    assert stale.value.yours == ["Name: “Summer” → “Autumn”"]
    assert Campaign.objects.get().name == "Summer"


def test_targets_are_set_as_a_whole_and_told(draft):
    for key in ("vips", "buyers", "listed"):
        make_segment(key)
    set_targets(
        campaign=draft, revision=0, include=["vips", "buyers"], exclude=[], by=None, now=NOW
    )

    set_targets(
        campaign=draft, revision=1, include=["vips"], exclude=["buyers", "listed"], by=None, now=NOW
    )

    assert targets_of(draft) == [("vips", False), ("buyers", True), ("listed", True)]
    assert draft.changes.get(revision=2).words == [
        "Included segments: “Buyers” removed",
        "Excluded segments: “Buyers” added",
        "Excluded segments: “Listed” added",
    ]


@pytest.mark.parametrize(("include", "exclude"), [(["nothing"], []), (["vips"], ["vips"])])
def test_targets_that_make_no_sense_are_refused(draft, include, exclude):
    make_segment("vips")

    with pytest.raises(Refused):
        set_targets(campaign=draft, revision=0, include=include, exclude=exclude, by=None, now=NOW)

    assert targets_of(draft) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", "pigeon"),
        ("kind", "never"),
        ("holdout_percent", 100),
        ("delay_minutes", -1),
        ("again_days", 0),
        ("starts_at", NOW + timedelta(days=40_000)),
        ("content", []),
        ("content", {"subject": "a\0"}),
    ],
)
def test_values_that_make_no_sense_are_refused_and_nothing_is_stored(draft, name, value):
    with pytest.raises(Refused) as refused:
        change(draft, **{"name": "Summer", name: value})

    assert refused.value.problems[0].path == name
    assert Campaign.objects.get().revision == 0


def test_another_channel_has_its_own_message_and_the_old_one_comes_back(draft):
    written = EMPTY["email"] | {"subject": "Hello"}
    draft = change(draft, content=written)

    draft = change(draft, channel="sms")
    assert draft.content == EMPTY["sms"]
    draft = change(draft, channel="email")

    assert draft.content == written


def test_what_has_started_is_not_changed(draft):
    Campaign.objects.update(status="sending")

    with pytest.raises(Conflict):
        change(draft, name="Summer")


def test_a_copy_is_a_draft_with_the_same_audience_and_message(draft):
    make_segment("vips")
    make_segment("buyers")
    set_targets(campaign=draft, revision=0, include=["vips"], exclude=["buyers"], by=None, now=NOW)
    Campaign.objects.update(status="done", frozen={}, started_at=NOW, starts_at=NOW, kind="at")

    copy = duplicate_campaign(campaign=Campaign.objects.get(), by=None, now=NOW)

    assert (copy.name, copy.status, copy.kind) == ("Spring (copy)", "draft", "at")
    assert (copy.frozen, copy.started_at, copy.starts_at) == (None, None, None)
    assert targets_of(copy) == [("vips", False), ("buyers", True)]


@pytest.mark.parametrize("status", ["draft", "done", "cancelled"])
def test_drafts_and_what_has_ended_can_be_deleted(draft, status):
    Campaign.objects.update(status=status)

    delete_campaign(campaign=draft)

    assert not Campaign.objects.exists()


@pytest.mark.parametrize("status", ["scheduled", "sending", "live", "paused"])
def test_what_is_still_to_send_cannot_be_deleted(draft, status):
    Campaign.objects.update(status=status)

    with pytest.raises(Conflict, match="Cancel it first"):
        delete_campaign(campaign=draft)
