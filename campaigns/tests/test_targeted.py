"""Segments that campaigns use stay, and say what uses them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections, transaction
from django.urls import reverse

from campaigns.models import Campaign, CampaignTarget
from campaigns.services import create_campaign
from contacts.problems import Conflict
from segmentflow.roles import MARKETERS
from segments.models import Segment
from segments.services import delete_segment, update_segment
from segments.tests.made import NOW, make_segment, make_user

pytestmark = pytest.mark.django_db

BLOCKING = ("draft", "scheduled", "sending", "live", "paused")


@pytest.fixture
def vips():
    return make_segment("vips", kind="static", name="VIPs")


def target(segment, status="draft"):
    campaign = create_campaign(name="Spring", channel="email", include=[segment], by=None, now=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    return campaign


def archive(segment):
    update_segment(segment=segment, status="archived", author=None, now=NOW)


@pytest.mark.parametrize("status", BLOCKING)
def test_what_a_campaign_uses_is_neither_archived_nor_deleted(vips, status):
    target(vips, status)

    with pytest.raises(Conflict, match=r"used by “Campaign Spring” and cannot be archived\.$"):
        archive(vips)
    with pytest.raises(Conflict, match=r"used by “Campaign Spring” and cannot be deleted\.$"):
        delete_segment(segment=vips)


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_what_a_campaign_was_for_is_archived_and_not_deleted(vips, status):
    target(vips, status)

    with pytest.raises(Conflict, match=r"cannot be deleted\. It can be archived."):
        delete_segment(segment=vips)
    archive(vips)

    assert Segment.objects.get().status == "archived"


def test_pages_say_which_campaigns_use_it_and_refuse_with_a_sentence(client, vips):
    client.force_login(make_user(MARKETERS))
    target(vips)
    deleting = reverse("segment_delete", args=["vips"])

    listed = client.get(reverse("segment_list")).content.decode()
    assert f"{reverse('segment_detail', args=['vips'])}#used-by" in listed
    assert (
        "Campaign Spring" in client.get(reverse("segment_detail", args=["vips"])).content.decode()
    )
    asked = client.get(deleting).content.decode()
    assert "cannot be deleted because these use it" in asked
    assert "Campaign Spring" in asked
    said = client.post(deleting, follow=True).content.decode()
    assert "cannot be deleted" in said
    assert Segment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_segment_that_becomes_a_target_meanwhile_is_not_deleted():
    vips = make_segment("vips", kind="static", name="VIPs")
    is_target = Event()

    def delete():
        is_target.wait(5)
        try:
            delete_segment(segment=vips)
        except Conflict as conflict:
            return str(conflict)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            target(vips)
            deleted = pool.submit(delete)
            is_target.set()
        assert "used by “Campaign Spring”" in deleted.result(5)
    assert CampaignTarget.objects.get().segment == vips
