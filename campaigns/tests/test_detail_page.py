"""A campaign that has started: how far it is, what came of it, steering it, its recipients."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Message
from campaigns.tests.pages import make_campaign, make_people
from segments.tests.made import NOW, make_segment, queries_of

pytestmark = pytest.mark.django_db

State = Message.State


def detail(campaign):
    return reverse("campaign_detail", args=[campaign.pk])


def act(campaign, doing):
    return reverse(f"campaign_{doing}", args=[campaign.pk])


def message(campaign, contact, state, **values):
    return Message.objects.create(campaign=campaign, contact=contact, state=state, **values)


@pytest.fixture
def sending(manager):
    campaign = make_campaign("Spring", make_segment("vips"), status="sending", started_at=NOW)
    anna, bert, cleo, dora = make_people("anna", "bert", "cleo", "dora")
    message(campaign, anna, State.SENT, sent_at=NOW, delivered_at=NOW, opened_at=NOW)
    message(campaign, bert, State.WAITING, due_at=NOW)
    message(campaign, cleo, State.LEFT_OUT, reason="capped")
    message(campaign, dora, State.FAILED, error="No such mailbox")
    return campaign


def test_everybody_targeted_is_in_exactly_one_number(client, sending):
    progress = client.get(detail(sending)).context["progress"]

    assert progress.total == 4
    assert (progress.sent, progress.to_come, progress.failed) == (1, 1, 1)
    assert [(one.reason, one.count) for one in progress.left_out] == [("capped", 1)]
    assert (progress.settled, progress.to_send) == (2, 3)


def test_the_page_says_how_far_it_is_and_why_some_get_nothing(client, sending):
    page = client.get(detail(sending)).content.decode()

    assert "2 of 3" in page
    assert "Frequency cap" in page
    assert f"{act(sending, 'recipients')}?state=left-out&amp;reason=capped" in page
    assert act(sending, "pause") in page


def test_a_draft_leads_those_who_may_change_it_to_its_editor(client, manager):
    campaign = make_campaign()

    assert client.get(detail(campaign)).headers["Location"] == act(campaign, "edit")


def test_a_draft_is_only_shown_to_those_who_may_not(client, marketer):
    campaign = make_campaign("Spring", make_segment("vips"))

    page = client.get(detail(campaign)).content.decode()

    assert "Sends an email to the contacts in Vips, at once." in page
    assert act(campaign, "edit") not in page
    assert act(campaign, "delete") not in page


def test_a_marketer_sees_the_numbers_and_no_lists_of_people(client, sending, marketer):
    page = client.get(detail(sending)).content.decode()

    assert "Frequency cap" in page
    for doing in ("recipients", "pause", "cancel"):
        assert act(sending, doing) not in page
    assert client.get(act(sending, "recipients")).status_code == 403


def test_it_is_paused_resumed_and_cancelled(client, sending):
    client.post(act(sending, "pause"))
    assert Campaign.objects.get().status == "paused"
    assert act(sending, "resume") in client.get(detail(sending)).content.decode()
    client.post(act(sending, "resume"))
    assert Campaign.objects.get().status == "sending"

    question = client.get(act(sending, "cancel")).content.decode()
    client.post(act(sending, "cancel"))

    assert "1 contact is still to get it and will not." in question
    assert Campaign.objects.get().status == "cancelled"


def test_what_cannot_be_done_is_said(client, sending):
    answer = client.post(act(sending, "resume"), follow=True)

    assert "is not paused" in answer.content.decode()
    assert "Cancel it first" in client.get(act(sending, "delete")).content.decode()
    assert "Cancel it first" in client.post(act(sending, "delete"), follow=True).content.decode()
    assert Campaign.objects.exists()


def test_an_ended_one_is_deleted_with_its_messages(client, sending):
    Campaign.objects.update(status="done")
    assert "4 messages" in client.get(act(sending, "delete")).content.decode()

    client.post(act(sending, "delete"))

    assert not Campaign.objects.exists()
    assert not Message.objects.exists()


def test_a_copy_is_opened(client, sending):
    answer = client.post(act(sending, "duplicate"))

    copy = Campaign.objects.get(status="draft")
    assert answer.headers["Location"] == detail(copy)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["anna", "bert", "cleo", "dora"]),
        ({"state": "sent"}, ["anna"]),
        ({"state": "opened"}, ["anna"]),
        ({"state": "waiting"}, ["bert"]),
        ({"reason": "capped"}, ["cleo"]),
        ({"state": "failed"}, ["dora"]),
        ({"state": "nothing", "reason": "nothing"}, ["anna", "bert", "cleo", "dora"]),
        ({"q": "cle"}, ["cleo"]),
    ],
)
def test_recipients_are_narrowed(client, sending, asked, names):
    page = client.get(act(sending, "recipients"), asked).context["page"]

    assert [str(row.contact) for row in page.rows] == names


def test_recipients_come_in_pages_both_ways(client, sending, monkeypatch):
    monkeypatch.setattr("campaigns.views.recipients.A_PAGE", 2)
    url = act(sending, "recipients")
    first = client.get(url).context["page"]
    second = client.get(url, {"after": first.next}).context["page"]
    back = client.get(url, {"before": second.previous}).context["page"]

    assert [str(row.contact) for row in second.rows] == ["cleo", "dora"]
    assert [str(row.contact) for row in back.rows] == ["anna", "bert"]


def test_more_recipients_cost_no_more_queries(client, sending):
    few = queries_of(lambda: client.get(act(sending, "recipients")))
    for contact in make_people("emil", "fay", "gil"):
        message(sending, contact, State.SENT, sent_at=NOW)

    assert queries_of(lambda: client.get(act(sending, "recipients"))) == few
