"""The report against a random history that is counted here row by row."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Message
from campaigns.report import kept
from campaigns.report.kept import Kept
from campaigns.report.links import ALIKE, MOST, links_of
from campaigns.report.timeline import timeline_of
from campaigns.tests.pages import make_campaign, make_people
from campaigns.tracking.models import Click
from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.tallies import roll_up
from segments.tests.made import NOW, make_segment, queries_of

pytestmark = pytest.mark.django_db

State = Message.State
WARSAW = ZoneInfo("Europe/Warsaw")
REASONS = {State.LEFT_OUT: ("capped", "held_out"), State.CANCELLED: ("stopped", "left")}
WORDS = {
    State.SENT: "sent",
    State.FAILED: "failed",
    State.UNCLEAR: "unclear",
    State.WAITING: "waiting",
    State.CLAIMED: "waiting",
    State.HANDING: "waiting",
    State.CANCELLED: "cancelled",
    State.LEFT_OUT: "left-out",
}
TIMES = ("delivered", "opened", "clicked", "unsubscribed", "bounced", "complained")


def page_of(campaign, doing="detail"):
    return reverse(f"campaign_{doing}", args=[campaign.pk])


def make_history(seed: int, size: int = 120) -> tuple[Campaign, list[Message], list[Click]]:
    chance = random.Random(seed)  # noqa: S311 - the same history each time
    campaign = make_campaign(
        "Spring", make_segment("vips"), status="sending", started_at=NOW - timedelta(hours=30)
    )
    people = make_people(*(f"n{number}" for number in range(size)))
    messages = [make_message(chance, campaign, contact) for contact in people]
    # One by one, as they come about, so that what is counted on the way is proved as well.
    for message in messages:
        message.save(force_insert=True)
    clicks = [
        Click(
            contact=message.contact,
            campaign=campaign,
            occasion=0,
            url=f"https://shop.example.com/{chance.randrange(4)}",
            at=message.clicked_at,
            is_counted=chance.random() < 0.8,
        )
        for message in messages
        if message.clicked_at
        for _ in range(chance.randrange(1, 4))
    ]
    Click.objects.bulk_create(clicks)
    return campaign, messages, clicks


def make_message(chance: random.Random, campaign: Campaign, contact: Contact) -> Message:
    state = chance.choice([*State, State.SENT, State.SENT, State.SENT])
    message = Message(campaign=campaign, contact=contact, state=state, due_at=NOW)
    message.reason = chance.choice(REASONS.get(state, ("",)))
    if state == State.SENT:
        message.sent_at = NOW - timedelta(minutes=chance.randrange(30 * 60))
        for name in TIMES:
            if chance.random() < 0.4:
                at = message.sent_at + timedelta(minutes=chance.randrange(300))
                setattr(message, f"{name}_at", at)
    return message


@pytest.fixture(params=range(3))
def history(request, manager):
    return make_history(request.param)


def test_every_number_is_what_counting_row_by_row_gives(client, history):
    campaign, messages, clicks = history
    context = client.get(page_of(campaign)).context
    progress, links = context["progress"], context["links"]

    counts = Counter(WORDS[message.state] for message in messages)
    assert (progress.sent, progress.failed, progress.unclear, progress.to_come) == tuple(
        counts[word] for word in ("sent", "failed", "unclear", "waiting")
    )
    assert {(one.state, one.reason): one.count for one in naive_shares(progress)} == Counter(
        (WORDS[message.state], message.reason) for message in messages if message.reason
    )
    for name in TIMES:
        assert getattr(progress, name) == sum(bool(getattr(m, f"{name}_at")) for m in messages)
    counted = [click for click in clicks if click.is_counted]
    by_url = {link.url: (link.people, link.clicks, link.machines) for link in links.shown}
    assert by_url == {
        url: (
            len({click.contact_id for click in counted if click.url == url}),
            sum(click.url == url for click in counted),
            sum(click.url == url and not click.is_counted for click in clicks),
        )
        for url in {click.url for click in clicks}
    }
    assert links.people == len({click.contact_id for click in counted})
    assert (links.clicks, links.machines) == (len(counted), len(clicks) - len(counted))


def naive_shares(progress):
    return [*progress.left_out, *progress.called_off]


def test_everybody_is_in_one_row_also_those_who_were_erased(client, history):
    campaign, messages, _ = history
    for message in messages[:7]:
        message.delete()
    Campaign.objects.filter(pk=campaign.pk).update(erased=7)

    progress = client.get(page_of(campaign)).context["progress"]

    assert progress.targeted == len(messages)
    rows = (progress.sent, progress.failed, progress.unclear, progress.to_come, progress.erased)
    assert sum(rows) + sum(one.count for one in naive_shares(progress)) == progress.targeted


def test_each_list_has_as_many_as_its_number_says(client, history):
    campaign, _, _ = history
    progress = client.get(page_of(campaign)).context["progress"]
    numbers = {
        ("waiting", ""): progress.to_come,
        **{(name, ""): getattr(progress, name) for name in ("sent", "failed", "unclear", *TIMES)},
        **{(one.state, one.reason): one.count for one in naive_shares(progress)},
    }
    for (state, reason), number in numbers.items():
        answer = client.get(page_of(campaign, "recipients_csv"), {"state": state, "reason": reason})
        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert len(lines) - 1 == number, (state, reason)


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize("by", ["hour", "day"])
def test_over_time_is_what_counting_row_by_row_gives(manager, by, rolled):
    campaign, messages, _ = make_history(7, size=60)
    if rolled:
        roll_up()

    timeline = timeline_of(campaign=campaign, by=by, now=NOW + timedelta(hours=9), zone=WARSAW)

    def span_of(at: datetime) -> datetime:
        start = at.astimezone(WARSAW).replace(minute=0, second=0, microsecond=0)
        return start if by == "hour" else start.replace(hour=0)

    for name in ("sent", "opened", "clicked", "unsubscribed"):
        times = [getattr(message, f"{name}_at") for message in messages]
        expected = Counter(span_of(at) for at in times if at)
        assert {s.at: getattr(s, name) for s in timeline.spans if getattr(s, name)} == expected


def test_the_hour_that_comes_twice_is_two_hours(manager):
    night = datetime(2026, 10, 25, 0, 10, tzinfo=ZoneInfo("Europe/Warsaw"))
    campaign = make_campaign(status="done", started_at=night)

    timeline = timeline_of(
        campaign=campaign, by="hour", now=night + timedelta(hours=8), zone=WARSAW
    )

    assert [f"{span.at:%H%z}" for span in timeline.spans[:5]] == [
        "00+0200", "01+0200", "02+0200", "02+0100", "03+0100",
    ]  # fmt: skip


def test_addresses_that_differ_for_each_contact_are_taken_together(manager):
    campaign = make_campaign(status="done", started_at=NOW)
    (anna,) = make_people("anna")

    def click(url):
        return Click(contact=anna, campaign=campaign, occasion=0, url=url, at=NOW)

    Click.objects.bulk_create(click(f"https://a.example/b?for={n}") for n in range(ALIKE))
    assert len(links_of(campaign).shown) == ALIKE
    Click.objects.bulk_create(click(f"https://a.example/b?to={n}") for n in range(MOST - ALIKE))
    Click.objects.bulk_create(click(f"https://a.example/c/{n}#x") for n in range(MOST))

    links = links_of(campaign)

    assert (links.shown[0].url, links.shown[0].addresses) == ("https://a.example/b", MOST)
    assert (len(links.shown), links.others, links.other_clicks) == (MOST, 1, 1)
    assert (links.people, links.clicks) == (1, 2 * MOST)


def test_a_file_runs_no_formula(client, manager):
    campaign = make_campaign(status="done", started_at=NOW)
    (anna,) = make_people("anna")
    Contact.objects.update(first_name="=1+1", last_name="")
    Message.objects.create(contact=anna, campaign=campaign, state=State.FAILED, error="@SUM(A1)")

    answer = client.get(page_of(campaign, "recipients_csv"), {"state": "failed"})
    (line,) = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())

    assert answer.headers["Content-Disposition"].endswith('-recipients.csv"')
    assert (line["name"], line["error"]) == ("'=1+1", "'@SUM(A1)")


def test_what_perhaps_was_sent_is_sent_again_after_a_question(client, manager):
    campaign = make_campaign("Spring", make_segment("vips"), status="done", started_at=NOW)
    anna, bert, cleo = make_people("anna", "bert", "cleo")
    for contact in (anna, bert):
        Message.objects.create(contact=contact, campaign=campaign, state=State.UNCLEAR)
    Message.objects.create(contact=cleo, campaign=campaign, state=State.SENT, sent_at=NOW)
    address = page_of(campaign, "again")

    assert f"{address}?state=unclear" in client.get(page_of(campaign)).content.decode()
    one = {"state": "unclear", "contact": anna.pk, "occasion": 0}
    assert "They may get it twice" in client.get(address, one).content.decode()
    assert "Some of them may get it twice" in client.get(address).content.decode()
    client.post(address, one)
    assert list(Message.objects.filter(state=State.WAITING).values_list("contact", flat=True)) == [
        anna.pk
    ]
    client.post(address, {"state": "unclear"})

    assert Counter(Message.objects.values_list("state", flat=True)) == {0: 2, 3: 1}
    assert Campaign.objects.get().status == "sending"


@pytest.mark.parametrize("asked", [{"state": "sent"}, {"contact": "x"}, {"contact": "9" * 30}])
def test_nothing_else_is_sent_again(client, manager, asked):
    campaign = make_campaign(status="done", started_at=NOW)

    assert client.post(page_of(campaign, "again"), asked).status_code == 404


def test_a_live_campaign_says_what_happened_lately_and_who_got_it_last(client, manager):
    campaign = make_campaign("Welcome", kind="entering", status="live", started_at=NOW)
    anna, bert = make_people("anna", "bert")
    long_ago = datetime(2020, 1, 1, tzinfo=WARSAW)
    Message.objects.create(contact=anna, campaign=campaign, state=State.SENT, sent_at=long_ago)
    Message.objects.create(
        contact=bert, campaign=campaign, occasion=5, state=State.SENT, sent_at=current_time()
    )

    context = client.get(page_of(campaign)).context

    assert context["progress"].sent == 2
    assert context["lately"]["sent"] == 1
    assert [message.contact for message in context["latest"]] == [bert, anna]


def test_more_of_everything_costs_the_report_no_more_queries(client, manager):
    campaign, _, _ = make_history(1, size=20)
    few = queries_of(lambda: client.get(page_of(campaign)))
    for contact in make_people("x", "y", "z"):
        Message.objects.create(contact=contact, campaign=campaign, state=State.SENT, sent_at=NOW)

    assert queries_of(lambda: client.get(page_of(campaign))) == few


def test_numbers_of_large_campaigns_are_kept_for_a_moment(monkeypatch):
    monkeypatch.setattr(kept, "LARGE", 10)
    counts = iter([9, 100_000, 200_000])
    numbers: Kept[int] = Kept()

    def get(seconds):
        now = NOW + timedelta(seconds=seconds)
        return numbers.get(1, now=now, count=lambda: next(counts), size=lambda number: number)

    assert [get(0), get(0), get(0.9), get(1), get(2.9)] == [9, 100_000, 100_000, 200_000, 200_000]


def test_hours_that_are_still_to_come_are_not_drawn_as_if_nothing_happened(client, manager):
    now = current_time()
    campaign = make_campaign(status="sending", started_at=now)

    timeline = timeline_of(campaign=campaign, by="hour", now=now, zone=WARSAW)
    page = client.get(page_of(campaign) + "?by=hour").content.decode()

    assert [span.is_to_come for span in timeline.spans] == [False] + [True] * 5
    assert page.count('data-value="">–<') == 5 * 4
