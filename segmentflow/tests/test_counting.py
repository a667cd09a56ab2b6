"""What happens often is counted in memory and stored now and then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from segmentflow.counting import KEPT, WAITING, Counts, count, forget_old, observe, store
from segmentflow.models import TallySubject
from segmentflow.operations.metrics.stored import histogram, read_totals
from segmentflow.tallies import add, roll_up

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATENCY = TallySubject.LATENCY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counts(monkeypatch):
    found = Counts()
    monkeypatch.setattr("segmentflow.counting.COUNTS", found)
    return found


def samples(family):
    return {
        (sample.name.rpartition("_")[2], sample.labels.get("le", "")): sample.value
        for sample in family.samples
    }


def test_what_was_counted_is_added_to_what_is_stored():
    for _ in range(3):
        count(TallySubject.REQUESTS, 12, 2)
    store(now=NOW)
    roll_up()
    count(TallySubject.REQUESTS, 12)
    store(now=NOW)

    assert read_totals()[TallySubject.REQUESTS] == {12: 7}


def test_nothing_is_stored_where_nobody_said_so(counts):
    count(TallySubject.REQUESTS, 12)

    assert not counts.is_due()


def test_a_forked_process_does_not_store_what_another_counted(counts):
    count(TallySubject.REQUESTS, 12)
    counts.begin_anew()
    store(now=NOW)

    assert read_totals()[TallySubject.REQUESTS] == {}


def test_a_histogram_has_how_many_took_at_most_so_long_and_their_sum():
    observe(LATENCY, [0.01, 0.05, 0.3, 4_000], steps=WAITING)
    store(now=NOW)

    family = histogram("x_seconds", "…", read_totals()[LATENCY], steps=WAITING)

    found = samples(family)
    assert found["bucket", "0.05"] == 2
    assert found["bucket", "0.25"] == 2
    assert found["bucket", "0.5"] == 3
    assert found["bucket", "1800.0"] == 3
    assert found["bucket", "+Inf"] == found["count", ""] == 4
    assert found["sum", ""] == pytest.approx(4_000.36)


def test_a_clock_that_went_back_gives_no_negative_times():
    observe(LATENCY, [-5], steps=WAITING)
    store(now=NOW)

    assert read_totals()[LATENCY] == {0: 1}


def test_when_it_was_is_forgotten_and_that_it_was_is_not():
    for at in (NOW - KEPT - timedelta(hours=1), NOW):
        add(LATENCY, 3, {at: 1})
    roll_up()

    forget_old(now=NOW)

    assert read_totals()[LATENCY] == {3: 2}
