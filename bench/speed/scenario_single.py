"""One event at a time on a machine that idles: how soon after the 202 the membership shows."""

from __future__ import annotations

import statistics
import time
from http.client import HTTPConnection

import msgspec

from bench.speed.checking import check
from bench.speed.drawing import probe_event
from bench.speed.findings import Finding, Gathered, quantile
from bench.speed.stage import Site, Stage

EVENTS = 500
PAUSE_SECONDS = 0.02
LOOK_SECONDS = 0.0005
PATIENCE_SECONDS = 10.0


def run(stage: Stage) -> list[Finding]:
    found = Gathered("single")
    touched: set[int] = set()
    with stage.on("small") as site:
        for _ in range(stage.runs):
            contacts = site.fresh_contacts(stage.amount(EVENTS, least=20))
            touched.update(map(site.id_of, contacts))
            waits = measure(site, contacts)
            note = f"{len(waits)} events a run, each of a contact of its own"
            found.add(
                "202 to membership, median",
                1000 * statistics.median(waits),
                "ms",
                bar=15,
                better="less",
                note=note,
            )
            found.add(
                "202 to membership, 99th percentile",
                1000 * quantile(waits, 0.99),
                "ms",
                bar=60,
                better="less",
            )
        found.add(
            "mistakes, contacts touched", check(site, contacts=touched), "", bar=0, better="less"
        )
    return found.findings()


def measure(site: Site, contacts: list[int]) -> list[float]:
    client = HTTPConnection("127.0.0.1", site.port)
    headers = {"Authorization": f"Bearer {site.api_key}", "Content-Type": "application/json"}
    waits = []
    for contact in contacts:
        client.request("POST", "/api/v1/events", msgspec.json.encode(probe_event(contact)), headers)
        answer = client.getresponse()
        answer.read()
        answered = time.perf_counter()
        if answer.status != 202:
            raise SystemExit(f"an event was answered {answer.status}")
        waits.append(_until_member(site, site.id_of(contact), answered))
        time.sleep(PAUSE_SECONDS)
    client.close()
    return waits


def _until_member(site: Site, contact_id: int, answered: float) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT FROM segments_membership WHERE contact_id = %s AND segment_id = %s",
                [contact_id, site.probe_id],
            )
            if cursor.fetchone() is not None:
                return time.perf_counter() - answered
            if time.perf_counter() - answered > PATIENCE_SECONDS:
                raise SystemExit(f"contact {contact_id} was not moved")
            time.sleep(LOOK_SECONDS)
