"""Metrics of what comes in: events, requests, imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from contacts.models import ContactImport
from events.sources import Source
from segmentflow import counting
from segmentflow.logs.access import Area
from segmentflow.models import TallySubject
from segmentflow.operations.metrics.stored import Totals, histogram
from segmentflow.tallies import totals

State = ContactImport.State

OPEN: Final = (State.READING, State.READY, State.TRYING, State.RUNNING)
EVENTS: Final = (
    (TallySubject.ACCEPTED, "events_accepted", "Events that were stored, by the way they came"),
    (TallySubject.REPEATED, "events_duplicate", "Events that were sent again and stored once"),
    (TallySubject.REFUSED, "events_refused", "Events that were refused, with a reason"),
)


def traffic(found: Totals) -> Iterator[Metric]:
    for subject, name, said in EVENTS:
        family = CounterMetricFamily(f"segmentflow_{name}", said, labels=["source"])
        for source in Source:
            family.add_metric([source.name.lower()], found[subject].get(int(source), 0))
        yield family
    yield _requests(found)
    yield histogram(
        "segmentflow_http_request_seconds",
        "How long requests took to be answered",
        found[TallySubject.ANSWERING],
        steps=counting.ANSWERING,
        label="area",
        groups=[(int(area), area.name.lower()) for area in Area],
    )
    yield from _stock()
    yield from _imports()


def _requests(found: Totals) -> Metric:
    family = CounterMetricFamily(
        "segmentflow_http_requests",
        "Requests that were answered, by what they were about and the first digit of the answer",
        labels=["area", "status"],
    )
    names = {int(area): area.name.lower() for area in Area}
    for ref, amount in sorted(found[TallySubject.REQUESTS].items()):
        area, kind = divmod(ref, 10)
        if area in names:  # a newer version may know more
            family.add_metric([names[area], f"{kind}xx"], amount)
    return family


def _stock() -> Iterator[Metric]:
    for subject, name in ((TallySubject.CONTACTS, "contacts"), (TallySubject.EVENTS, "events")):
        yield GaugeMetricFamily(
            f"segmentflow_{name}", f"How many {name} there are", value=sum(totals(subject).values())
        )


def _imports() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT state, count(*), sum(greatest(0, total - position))
            FROM contacts_contactimport GROUP BY state
            """
        )
        rows = {state: (number, left) for state, number, left in cursor.fetchall()}
    family = GaugeMetricFamily("segmentflow_imports", "Imports of contacts", labels=["state"])
    for state in (*OPEN, State.FAILED):
        family.add_metric([state.value], rows.get(state.value, (0, 0))[0])
    yield family
    left = sum(int(rows.get(state.value, (0, 0))[1]) for state in (State.TRYING, State.RUNNING))
    yield GaugeMetricFamily(
        "segmentflow_import_bytes_left", "Of the files that are being imported", value=left
    )
