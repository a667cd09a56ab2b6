"""How long after the 202 answer a single event has moved its contact.

Needs a running server on the same database (`script/server --no-demo`):

    .venv/bin/python -m bench.latency --url http://127.0.0.1:8000 --events 1000

Makes 20 live segments that all mention the event, sends single events over HTTP, each for
a contact of its own, and polls the stored memberships from the moment the answer is in.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
import uuid
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import django

SEGMENTS = 20
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--events", type=int, default=1000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    django.setup()
    run_id = uuid.uuid4().hex[:8]
    keys = make_segments(run_id)
    wait_until_built(keys)
    api_key = make_key()
    try:
        waits = measure(options.url, api_key, run_id, options.events)
    finally:
        clean_up(run_id)
    print_report(waits)


def make_segments(run_id: str) -> list[str]:
    from django.utils import timezone

    from events.models import EventType
    from segments.services import create_segment

    event = f"Purchase {run_id}"
    EventType.objects.create(key=event, value_attribute="amount")
    keys = []
    for number in range(SEGMENTS):
        key = f"latency-{run_id}-{number}"
        definition = {"kind": "group", "match": "all", "children": [condition(event, number)]}
        create_segment(key=key, name=key, definition=definition, author=None, now=timezone.now())
        keys.append(key)
    return keys


def condition(event: str, number: int) -> dict[str, Any]:
    """Counts, sums, recency and sequences over windows of different lengths."""
    days = {"kind": "last", "amount": 7 + number, "unit": "day"}
    kinds: list[dict[str, Any]] = [
        {"kind": "event", "window": days},
        {
            "kind": "event",
            "window": days,
            "measure": {"of": "sum", "attribute": "amount"},
            "operator": "greater_than",
            "value": 10,
        },
        {"kind": "event", "window": days, "operator": "equals", "value": 0},
        {"kind": "occurrence", "which": "last", "window": days},
    ]
    return {"event": event, **kinds[number % len(kinds)]}


def wait_until_built(keys: list[str]) -> None:
    from segments.models import Segment

    while Segment.objects.filter(key__in=keys, live_version__isnull=True).exists():
        time.sleep(0.05)


def make_key() -> str:
    from segmentflow.api.keys import create_key

    return create_key(name="latency", scopes=["ingest"])[1]


def measure(url: str, api_key: str, run_id: str, events: int) -> list[float]:
    parts = urlsplit(url)
    client = HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80)
    waits = []
    for number in range(events):
        waits.append(send_and_wait(client, api_key, run_id, number))
        time.sleep(PAUSE_SECONDS)
    return waits


def send_and_wait(
    client: HTTPConnection,
    api_key: str,
    run_id: str,
    number: int,
    *,
    looks: float = 0.0005,
    patience: float = PATIENCE_SECONDS,
) -> float:
    """Seconds from the answer to the first stored membership, looked for every `looks` seconds."""
    external_id = f"latency-{run_id}-{number}"
    event = {
        "contact": {"external_id": external_id},
        "type": f"Purchase {run_id}",
        "attributes": {"amount": 25},
    }
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    client.request("POST", "/api/v1/events", json.dumps(event), headers)
    answer = client.getresponse()
    answer.read()
    answered = time.perf_counter()
    if answer.status != 202:
        raise SystemExit(f"event {number} was answered {answer.status}")
    while not is_member(external_id):
        if time.perf_counter() - answered > patience:
            raise SystemExit(f"event {number} moved nobody within {patience} s")
        time.sleep(looks)
    return time.perf_counter() - answered


def is_member(external_id: str) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM contacts_identity i JOIN segments_membership m USING (contact_id)
                WHERE i.kind = 'external_id' AND i.value = %s
            )
            """,
            [external_id],
        )
        return bool(cursor.fetchone()[0])


def clean_up(run_id: str) -> None:
    from segments.models import Segment
    from segments.services import delete_segment

    for segment in Segment.objects.filter(key__startswith=f"latency-{run_id}-"):
        delete_segment(segment=segment)


def print_report(waits: list[float]) -> None:
    ordered = sorted(1000 * wait for wait in waits)
    at = {name: ordered[min(int(len(ordered) * part), len(ordered) - 1)] for name, part in PARTS}
    print(f"{len(ordered)} single events, {SEGMENTS} live segments, {os.cpu_count()} cores,")
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"median {statistics.median(ordered):.1f} ms")
    print(", ".join(f"{name} {value:.1f} ms" for name, value in at.items()))


PARTS = (("p90", 0.9), ("p99", 0.99), ("longest", 1.0))

if __name__ == "__main__":
    main()
