"""Where campaigns are found: from the segments that they are for, the search, the first page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.tests.pages import make_campaign
from segments.tests.made import make_segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def vips():
    return make_segment("vips")


def test_its_pages_name_the_campaigns(client, marketer, vips):
    campaign = make_campaign("Spring", vips)
    url = reverse("campaign_detail", args=[campaign.pk])

    assert url in client.get(reverse("segment_detail", args=["vips"])).content.decode()
    question = client.get(reverse("segment_delete", args=["vips"])).content.decode()
    assert "Campaign Spring" in question
    [row] = client.get(reverse("segment_list")).context["rows"]
    assert [use.url for use in row.uses] == [url]


def test_whoever_may_begin_campaigns_can_from_its_page(client, manager, vips):
    page = client.get(reverse("segment_detail", args=["vips"])).content.decode()

    assert f"{reverse('campaign_new')}?segment=vips" in page


def test_a_campaign_is_found_by_its_name(client, marketer, vips):
    campaign = make_campaign("Spring sale", vips)
    url = reverse("campaign_detail", args=[campaign.pk])

    assert url in client.get("/search", {"q": "sale"}).content.decode()
    assert url in client.get("/").content.decode()
    Campaign.objects.all().delete()
    assert url not in client.get("/search", {"q": "sale"}).content.decode()
