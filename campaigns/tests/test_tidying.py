"""The outbox keeps messages for as long as it is told, and tests for a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import OrmQ

from campaigns import tidying
from campaigns.channels.models import OutboxMessage
from campaigns.rules import set_rules
from campaigns.tasks import tidy
from campaigns.tidying import advance_tidying, is_tidying_due
from campaigns.wakes import tidying_looks
from segmentflow.clock import current_time

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def keep(*days, is_test=False, now=NOW):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(channel="email", address=f"{n}", at=now - n * DAY, is_test=is_test)
        for n in days
    )


def kept():
    return sorted(int(text) for text in OutboxMessage.objects.values_list("address", flat=True))


def tidied(*, now=NOW):
    while advance_tidying(now=now):
        pass
    return kept()


def test_messages_are_kept_for_thirty_days_and_tests_for_seven(monkeypatch):
    monkeypatch.setattr(tidying, "BITE", 2)
    keep(1, 29, 31, 32, 33, 400)
    keep(2, 6, 8, 40, is_test=True)
    assert tidied() == [1, 2, 6, 29]
    assert not is_tidying_due(now=NOW)
    set_rules(raw={"outbox_days": "3"}, now=NOW)
    assert is_tidying_due(now=NOW)
    assert tidied() == [1, 2]
    set_rules(raw={}, now=NOW)
    assert tidied(now=NOW + 28 * DAY) == [1]


def test_the_watcher_asks_for_it_now_and_then(settings, django_assert_num_queries):
    settings.WAKE_CLUSTER = True
    watcher, now = tidying_looks(), current_time()
    keep(31, now=now)
    watcher.look(now)
    assert OrmQ.objects.count() == 1
    with django_assert_num_queries(0):
        watcher.look(now + timedelta(seconds=1))
    tidy()
    assert kept() == []
