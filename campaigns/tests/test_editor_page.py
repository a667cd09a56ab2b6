"""The editor of a draft: what it shows, saving with and without scripts, two people at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from campaigns.models import Campaign, CampaignTarget
from campaigns.services import change_campaign
from campaigns.tests.pages import make_campaign, make_everyone, make_people
from segmentflow.roles import CAMPAIGN_MANAGERS
from segmentflow.workspace import update_workspace
from segments.models import Segment
from segments.tests.made import NOW, make_segment, make_user, queries_of
from tests.forms import sent_by

pytestmark = pytest.mark.django_db

NEW = reverse("campaign_new")
PART = {"HX-Request": "true"}


@pytest.fixture
def draft(manager):
    return make_campaign()


def editor(campaign):
    return reverse("campaign_edit", args=[campaign.pk])


def shown(client, campaign):
    """What the page's form would send."""
    return sent_by(client.get(editor(campaign)).content.decode())


def post(client, campaign, headers=None, **values):
    sent = shown(client, campaign) | values
    return client.post(editor(campaign), sent, headers=headers)


def stored(campaign):
    return Campaign.objects.get(pk=campaign.pk)


def targets_of(campaign):
    rows = CampaignTarget.objects.filter(campaign=campaign).order_by("pk")
    return [(row.segment.key, row.excludes) for row in rows.select_related("segment")]


def test_a_new_campaign_leads_to_its_editor(client, manager):
    answer = client.post(NEW, {"name": "Spring", "channel": "sms"})

    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == editor(campaign)
    assert (campaign.name, campaign.channel, campaign.owner) == ("Spring", "sms", manager)


def test_a_new_campaign_is_for_the_segment_that_it_was_begun_at(client, manager):
    make_segment("vips")
    page = client.get(NEW, {"segment": "vips"}).content.decode()

    client.post(NEW, sent_by(page) | {"name": "Spring"})

    assert targets_of(Campaign.objects.get()) == [("vips", False)]


def test_a_new_campaign_without_a_name_is_refused_with_what_was_chosen(client, manager):
    answer = client.post(NEW, {"name": "", "channel": "push"})

    assert answer.status_code == 422
    assert not Campaign.objects.exists()
    assert sent_by(answer.content.decode())["channel"] == ["push"]


def test_sending_the_form_as_it_is_changes_nothing(client, draft):
    for values in (
        {},
        {"kind": "at", "starts_at": NOW, "is_local": True},
        {"kind": "entering", "delay_minutes": 180, "again_days": 7},
    ):
        Campaign.objects.update(**values)
        before = Campaign.objects.values().get()

        answer = post(client, draft)

        assert answer.status_code == 302
        assert Campaign.objects.values().get() == before


def test_everything_is_stored_without_scripts(client, draft):
    update_workspace(time_zone="Europe/Warsaw")

    answer = post(
        client,
        draft,
        name="Summer",
        channel="push",
        holdout_percent="5",
        ignores_cap="on",
        kind="at",
        starts_at="2027-07-01T09:30",
        is_local="on",
        delay="2",
        delay_unit="hours",
        again="days",
        again_days="14",
    )

    assert answer.headers["Location"] == editor(draft)
    found = stored(draft)
    assert (found.name, found.channel, found.holdout_percent) == ("Summer", "push", 5)
    assert (found.ignores_cap, found.ignores_quiet_hours, found.is_local) == (True, False, True)
    assert found.starts_at == datetime(2027, 7, 1, 7, 30, tzinfo=UTC)
    assert (found.kind, found.delay_minutes, found.again_days) == ("at", 120, 14)
    assert sent_by(client.get(editor(draft)).content.decode())["starts_at"] == ["2027-07-01T09:30"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"holdout_percent": "100"}, "less than or equal to 99"),
        ({"kind": "at", "starts_at": "2027-03-28T02:30"}, "the clocks go forward then"),
        ({"starts_at": "1027-03-28T02:30"}, "in this century"),
        ({"starts_at": "soon"}, "Choose a day and a time."),
        ({"delay": "400", "delay_unit": "days"}, "at most 365 days"),
        ({"again": "days", "again_days": ""}, "After how many days?"),
    ],
)
def test_what_is_wrong_is_marked_and_everything_else_is_stored(client, draft, wrong, said):
    update_workspace(time_zone="Europe/Warsaw")

    answer = post(client, draft, **{"name": "Summer", "ignores_cap": "on"} | wrong)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    found = stored(draft)
    assert found.ignores_cap
    assert found.name == ("Spring" if "name" in wrong else "Summer")


def test_an_hour_that_comes_twice_is_its_first(client, draft):
    update_workspace(time_zone="Europe/Warsaw")

    post(client, draft, kind="at", starts_at="2027-10-31T02:30")

    assert stored(draft).starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_segments_are_included_excluded_and_taken_off(client, draft):
    make_segment("vips")
    make_segment("buyers")

    post(client, draft, do="include:vips", name="Summer")
    post(client, draft, do="exclude:buyers")
    assert targets_of(draft) == [("vips", False), ("buyers", True)]
    assert stored(draft).name == "Summer"
    post(client, draft, do="remove:vips")

    assert targets_of(draft) == [("buyers", True)]


def test_a_segment_that_is_gone_is_refused_with_a_sentence(client, draft):
    answer = post(client, draft, do="include:gone")

    assert answer.status_code == 422
    assert "There is no segment “gone” any more." in answer.content.decode()


def test_only_segments_outside_the_archive_are_offered(client, draft):
    make_segment("vips")
    make_segment("old")
    Segment.objects.filter(key="old").update(status="archived")

    page = client.get(editor(draft)).content.decode()

    assert 'value="include:vips"' in page
    assert 'value="include:old"' not in page


def test_a_saved_change_answers_with_what_follows_from_it_and_its_revision(client, draft):
    answer = post(client, draft, headers=PART, name="Summer")

    assert answer.status_code == 200
    assert answer.headers["Campaign-Revision"] == "1"
    page = answer.content.decode()
    assert '<span id="campaign-name">Summer</span>' in page
    assert "<html" not in page
    assert 'id="id_name"' not in page


def test_going_on_to_the_review_saves_first(client, draft):
    review = reverse("campaign_start", args=[draft.pk])

    assert post(client, draft, name="Summer", do="review").headers["Location"] == review
    assert post(client, draft, headers=PART, do="review").headers["HX-Redirect"] == review
    assert stored(draft).name == "Summer"


@pytest.mark.parametrize("headers", [None, PART])
def test_a_change_to_an_older_state_is_refused_with_the_difference(client, draft, headers):
    sent = shown(client, draft)
    bert = make_user(CAMPAIGN_MANAGERS, "bert")
    change_campaign(campaign=draft, revision=0, changes={"name": "Autumn"}, by=bert, now=NOW)

    answer = client.post(editor(draft), sent | {"name": "Summer"}, headers=headers)

    assert answer.status_code == 409
    assert answer.headers["Campaign-Revision"] == "1"
    page = answer.content.decode()
    assert "Name: “Spring” → “Autumn”" in page
    assert "bert" in page
    assert "Name: “Autumn” → “Summer”" in page
    assert sent_by(page)["name"] == ["Autumn"]
    assert stored(draft).name == "Autumn"


def test_without_a_revision_nothing_is_overwritten(client, draft):
    assert post(client, draft, name="Summer", revision="").status_code == 409
    assert stored(draft).name == "Spring"


def test_what_has_started_leads_to_its_page(client, draft):
    sent = shown(client, draft)
    Campaign.objects.update(status="sending")
    detail = reverse("campaign_detail", args=[draft.pk])

    assert client.get(editor(draft)).headers["Location"] == detail
    assert client.post(editor(draft), sent | {"name": "X"}).headers["Location"] == detail
    assert stored(draft).name == "Spring"


def test_more_segments_cost_no_more_queries(client, draft):
    make_segment("a")
    few = queries_of(lambda: client.get(editor(draft)))
    for key in ("b", "c", "d"):
        make_segment(key)

    assert queries_of(lambda: client.get(editor(draft))) == few


def test_the_audience_says_who_receives_it_and_who_does_not(client, manager):
    make_people("anna", "bert", "cleo")
    make_people("dora", subscribed=False)
    campaign = make_campaign("Spring", make_everyone())
    url = reverse("campaign_audience", args=[campaign.pk])

    part = client.get(url, headers=PART).content.decode()

    assert '<span class="fact-size">3</span>' in part
    assert "of 4 targeted contacts" in part
    assert reverse("campaign_people", args=[campaign.pk, "unsubscribed"]) in part


def test_each_reason_lists_its_people_page_by_page(client, manager, monkeypatch):
    monkeypatch.setattr("campaigns.views.audience.PEOPLE_A_PAGE", 2)
    anna, bert, cleo = make_people("anna", "bert", "cleo")
    campaign = make_campaign("Spring", make_everyone())
    url = reverse("campaign_people", args=[campaign.pk, "receiving"])

    first = client.get(url)
    second = client.get(url, {"after": first.context["next"]})

    assert [one.contact_id for one in first.context["people"]] == [anna.pk, bert.pk]
    assert [one.contact_id for one in second.context["people"]] == [cleo.pk]
    assert second.context["next"] is None
    assert "3 of 3 targeted contacts" in first.content.decode()


@pytest.mark.parametrize("reason", ["nothing", "EXCLUDED"])
def test_a_reason_that_there_is_not_is_not_found(client, manager, reason):
    campaign = make_campaign()

    assert client.get(f"/campaigns/{campaign.pk}/audience/{reason}").status_code == 404


def test_a_count_that_takes_long_says_so_and_is_waited_for_elsewhere(client, manager, monkeypatch):
    make_people("anna")
    campaign = make_campaign("Spring", make_everyone())
    monkeypatch.setattr("campaigns.counting.QUICK_MS", 1)
    monkeypatch.setattr("campaigns.counting.count_audience", slow)
    url = reverse("campaign_audience", args=[campaign.pk])

    part = client.get(url, headers=PART).content.decode()

    assert "Counting…" in part
    assert f'hx-get="{url}?patient=1"' in part


def slow(**_):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
