"""How fast campaigns are counted, prepared, sent, followed and shown.

    python -m bench.campaigns --contacts 100000 --runs 3

Starts an installation of its own in a temporary directory, with 1.1 times as many contacts, of whom
every eleventh agreed to nothing, and a mail server that takes everything. Messages are sent by the
installation's own workers; who gets them and when is what the mail server says.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import urllib.parse
import urllib.request
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.campaign_world import (
    api_headers,
    by_mail,
    campaign_contacts,
    into_outbox,
    is_quiet,
    limit_messages,
    no_limit,
    people,
    prepare,
    sent_of,
    start,
    stop,
    timed,
    wait_until,
    wait_until_done,
)
from bench.mailsink import Sink, sink
from bench.meanwhile import Processes, spread
from bench.pages import Site

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from segments.models import Segment

PASSWORD = "bench-password-1"  # noqa: S105 - of an installation that vanishes
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SHOP = "https://shop.example/autumn"

CONTENT: dict[str, Any] = {
    "format": "blocks",
    "subject": "{{ contact.first_name }}, autumn is here",
    "preheader": "And something for you",
    "color": "#066fd1",
    "blocks": [
        {"id": "a", "kind": "heading", "text": "Hello {{ contact.first_name | default: 'you' }}"},
        {
            "id": "b",
            "kind": "text",
            "text": "There is **news** from {{ contact.city }}: "
            "[see what is new](https://shop.example/new?from={{ contact.country }}).",
        },
        {"id": "c", "kind": "image", "src": "https://shop.example/a.png", "alt": "", "width": 600},
        {"id": "d", "kind": "button", "text": "Have a look", "url": SHOP},
        {"id": "e", "kind": "text", "text": "[Unsubscribe]({{ unsubscribe_url }})"},
    ],
}
TRIGGERED = CONTENT | {"subject": "Thank you for {{ event.product }}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=100_000, help="who get it")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--workers", default="", help="SEGMENTFLOW_WORKERS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run(options, Path(folder) / "data")


def run(options: argparse.Namespace, data: Path) -> None:
    from tests.system.installation import Installation, free_port

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "segmentflow.settings",
        "SEGMENTFLOW_ADMIN_PASSWORD": PASSWORD,
        "SEGMENTFLOW_DATA_DIR": str(data),
    }
    if options.workers:
        os.environ["SEGMENTFLOW_WORKERS"] = options.workers
    os.environ.pop("DATABASE_URL", None)
    installation = Installation(data)
    try:
        installation.start()
        with sink(free_port()) as mail:
            import django

            django.setup()
            Bench(options, installation.port, Processes(installation.pid), mail).run()
    finally:
        from django.db import connections

        connections.close_all()
        installation.stop()


class Bench:
    def __init__(
        self, options: argparse.Namespace, port: int, processes: Processes, mail: Sink
    ) -> None:
        self._options, self._port, self._processes, self._mail = options, port, processes, mail
        self._url = f"http://127.0.0.1:{port}"
        self._segments: dict[str, Segment] = {}

    def run(self) -> None:
        runs = self._options.runs
        self._segments = prepare(self._options.contacts)
        print(f"\n{self._options.contacts:,} recipients, {os.cpu_count()} cores, {runs} runs\n")
        self.count()
        by_mail(self._mail.port)
        sent = [self.send(f"Autumn {n}") for n in range(runs)]
        into_outbox()
        self.send("To the outbox", segment="german", is_mail=False)
        by_mail(self._mail.port)
        self.enter("event to message in the mail server")
        self.react(sent[-1])
        meanwhile = self.make("Meanwhile")
        start(meanwhile)
        self.enter("the same while a large campaign is sent")
        wait_until_done(meanwhile)
        self.show(sent[-1])
        say("load of the machine", Path("/proc/loadavg").read_text()[:14])

    def count(self) -> None:
        from campaigns.audience.judging import count_audience
        from segmentflow.clock import current_time

        for is_hard in (False, True):
            draft = self.make("Counted")
            if is_hard:
                self.without(draft, "german")
                draft.holdout_percent = 10
                draft.save()
                limit_messages()
            took = [
                timed(partial(count_audience, campaign=draft, now=current_time()))
                for _ in range(max(5, self._options.runs))
            ]
            name = "audience counted" + (", with cap, hold-out, exclusion" if is_hard else "")
            say(name, spread(took))
        no_limit()

    def send(self, name: str, *, segment: str = "everyone", is_mail: bool = True) -> Campaign:
        campaign = self.make(name, segment=segment)
        self._mail.forget()
        say(f"{name}: prepared", f"{start(campaign):.2f} s")
        before, begun = self._processes.cpu(), time.monotonic()
        wait_until_done(campaign)
        took = time.monotonic() - begun
        number = sent_of(campaign)
        if is_mail:
            arrived = self._mail.taken.values()
            took = max(arrived) - min(arrived)
            if self._mail.twice or number != len(arrived):
                raise SystemExit(
                    f"{len(self._mail.twice)} got it twice, {len(arrived)} of {number} at all"
                )
        spent = self._processes.cpu() - before
        cpu = ", ".join(f"{kind} {1000 * one / number:.2f}" for kind, one in spent.items())
        load = Path("/proc/loadavg").read_text()[:4]
        say(f"{name}: sent {number:,}", f"{number / took:,.0f}/s (CPU ms each: {cpu}; load {load})")
        return campaign

    def enter(self, name: str) -> None:
        """From the request with an event to the mail server, each by a contact of its own."""
        campaign = self.make(name, segment="buyers", kind="entering", content=TRIGGERED)
        start(campaign)
        client, headers = HTTPConnection("127.0.0.1", self._port), api_headers()
        waits, answers = [], []
        # Those at the end have got everything else already.
        for external_id, email in people(self._options.events):
            body = {
                "contact": {"external_id": external_id},
                "type": "Purchase",
                "attributes": {"product": "shoes", "amount": 25},
            }
            self._mail.taken.pop(email, None)
            begun = time.monotonic()
            client.request("POST", "/api/v1/events", json.dumps(body), headers)
            answer = client.getresponse()
            answer.read()
            answers.append(time.monotonic() - begun)
            if answer.status != 202:
                raise SystemExit(f"an event was answered {answer.status}")
            waits.append(self._mail.wait_for(email, patience=60) - begun)
        say(name, spread(waits))
        stop(campaign)

    def react(self, campaign: Campaign) -> None:
        """Opens and clicks: how long the answer takes, and until a segment without openers is left."""
        from campaigns.keys import MessageKey
        from campaigns.models import Message
        from campaigns.tracking.links import TrackedLinks

        found = Message.objects.filter(campaign=campaign, state=Message.State.SENT)
        ids = found.order_by("contact").values_list("contact_id", flat=True)
        links = TrackedLinks()
        answers: dict[str, list[float]] = {"pixel answered": [], "click answered": []}
        moved = []

        def has_left(contact_id: int) -> bool:
            return not is_quiet(contact_id)

        for contact_id in ids[: self._options.events]:
            key = MessageKey(contact_id, campaign.pk, 0)
            begun = time.monotonic()
            answers["pixel answered"].append(timed(partial(self.get, links.pixel(key))))
            wait_until(partial(has_left, contact_id), seconds=60, pause=0.001)
            moved.append(time.monotonic() - begun)
            link = links.click(key, SHOP)
            answers["click answered"].append(timed(partial(self.get, link)))
        for name, took in answers.items():
            say(name, spread(took))
        say("open to leaving a segment", spread(moved))

    def get(self, link: str) -> None:
        parts = urllib.parse.urlsplit(link)
        client = HTTPConnection("127.0.0.1", self._port)
        client.request("GET", f"{parts.path}?{parts.query}", headers={"User-Agent": BROWSER})
        answer = client.getresponse()
        answer.read()
        if answer.status not in (200, 302):
            raise SystemExit(f"{link} was answered {answer.status}")

    def show(self, campaign: Campaign) -> None:
        site = Site(self._url)
        site.sign_in("admin", PASSWORD)
        draft = self.make("Draft")
        self.without(draft, "german")
        limit_messages()
        live = self.make("Live", segment="buyers", kind="entering", content=TRIGGERED)
        start(live)
        middle = campaign_contacts(campaign)[self._options.contacts // 2]
        for path in (
            "/campaigns",
            f"/campaigns/{campaign.pk}",
            f"/campaigns/{live.pk}",
            f"/campaigns/{campaign.pk}/recipients",
            f"/campaigns/{campaign.pk}/recipients?after={middle}",
            f"/campaigns/{draft.pk}/edit",
            f"/campaigns/{draft.pk}/message",
            f"/campaigns/{draft.pk}/preview",
            f"/campaigns/{draft.pk}/audience",
            f"/campaigns/{draft.pk}/audience/receiving",
            f"/campaigns/{draft.pk}/audience/not_consented",
            f"/campaigns/{draft.pk}/start",
            "/campaigns/outbox",
            f"/contacts/{middle}",
            "/",
        ):
            try:
                site.get(path)
                took = [timed(partial(site.get, path)) for _ in range(9)]
            except urllib.error.HTTPError as error:
                say(f"page {path}", f"is answered {error.code}")
                continue
            say(f"page {path}", spread(took))

    def make(
        self, name: str, *, segment: str = "everyone", content: Any = CONTENT, **values: Any
    ) -> Campaign:
        from campaigns.models import Campaign, CampaignTarget

        made: Campaign = Campaign.objects.create(
            name=name, channel="email", content=content, **values
        )
        CampaignTarget.objects.create(campaign=made, segment=self._segments[segment])
        return made

    def without(self, campaign: Campaign, segment: str) -> None:
        from campaigns.models import CampaignTarget

        CampaignTarget.objects.create(
            campaign=campaign, segment=self._segments[segment], excludes=True
        )


def say(name: str, result: str) -> None:
    print(f"{name:<46} {result}", flush=True)


if __name__ == "__main__":
    main()
