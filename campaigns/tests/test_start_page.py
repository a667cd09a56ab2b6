"""The last look before a campaign starts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Message
from campaigns.readiness import problems_of
from campaigns.services import change_campaign
from campaigns.tests.pages import make_campaign, make_everyone, make_people
from campaigns.views import starting
from segments.tests.made import NOW
from tests.forms import sent_by

pytestmark = pytest.mark.django_db

CONTENT = {
    "format": "blocks",
    "subject": "Hello",
    "preheader": "",
    "color": "#066fd1",
    "blocks": [{"id": "a", "kind": "text", "text": "Hello", "align": "left"}],
}


@pytest.fixture
def ready(manager):
    make_people("anna", "bert", "cleo")
    make_people("dora", subscribed=False)
    return make_campaign("Spring", make_everyone(), content=CONTENT)


def review(campaign):
    return reverse("campaign_start", args=[campaign.pk])


def status():
    return Campaign.objects.get().status


def test_it_says_what_will_happen(client, ready):
    page = client.get(review(ready)).content.decode()

    assert "Sends an email to 3 of 4 contacts in Everyone, at once." in page
    assert "Send to 3 contacts" in page
    assert reverse("campaign_people", args=[ready.pk, "unsubscribed"]) in page


def test_the_button_starts_it(client, ready):
    page = client.get(review(ready)).content.decode()

    answer = client.post(review(ready), sent_by(page))

    assert answer.headers["Location"] == reverse("campaign_detail", args=[ready.pk])
    assert status() == "sending"


def test_what_keeps_it_from_starting_is_said_where_it_is_mended(client, manager):
    campaign = make_campaign()

    page = client.get(review(campaign))

    assert "Still to do" in page.content.decode()
    assert f"{reverse('campaign_edit', args=[campaign.pk])}#audience" in page.content.decode()
    assert 'type="submit">Send' not in page.content.decode()
    answer = client.post(review(campaign), {"revision": campaign.revision, "receiving": 0})
    assert answer.status_code == 422
    assert status() == "draft"


def test_a_campaign_that_was_changed_meanwhile_is_looked_at_again(client, ready):
    page = client.get(review(ready)).content.decode()
    change_campaign(campaign=ready, revision=0, changes={"holdout_percent": 1}, by=None, now=NOW)

    answer = client.post(review(ready), sent_by(page))

    assert answer.status_code == 409
    assert "was changed since you opened this page" in answer.content.decode()
    assert status() == "draft"


def test_an_audience_that_grew_much_meanwhile_is_asked_about_again(client, ready, monkeypatch):
    monkeypatch.setattr(starting, "FEW", 1)
    page = client.get(review(ready)).content.decode()
    sent = sent_by(page) | {"receiving": "1"}

    asked = client.post(review(ready), sent)

    assert asked.status_code == 409
    assert "1 contact would have received it; now it is 3 contacts" in asked.content.decode()
    assert status() == "draft"
    client.post(review(ready), sent_by(asked.content.decode()))
    assert status() == "sending"


def test_a_few_more_are_not_asked_about(client, ready):
    page = client.get(review(ready)).content.decode()

    client.post(review(ready), sent_by(page) | {"receiving": "1"})

    assert status() == "sending"


def test_whoever_may_not_send_cannot(client, ready, marketer):
    assert client.get(review(ready)).status_code == 403
    assert client.post(review(ready)).status_code == 403
    assert status() == "draft"
    assert not Message.objects.exists()
    assert problems_of(campaign=ready, now=NOW) is not None


def test_a_long_count_is_waited_for_after_the_page_is_there(client, ready, monkeypatch):
    monkeypatch.setattr("campaigns.views.starting.count_quickly", lambda **_: None)

    page = client.get(review(ready)).content.decode()
    waited = client.get(review(ready), {"patient": "1"}).content.decode()

    assert "Counting…" in page
    assert f'hx-get="{review(ready)}?patient=1"' in page
    assert "Send" not in page.split("<form")[-1]
    assert "Send to 3 contacts" in waited
    assert 'hx-trigger="load" hx-select' not in waited
