"""What the log keeps of what happens, and that nothing is ever taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from segmentflow.audit.acting import COMMAND, acting_as
from segmentflow.audit.keeping import (
    advance_forgetting,
    is_forgetting_due,
    keep_entries_for,
    months_kept,
)
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.plain import CHANGED, differences, plain
from segmentflow.audit.recording import record
from segmentflow.audit.words import changes_of, sentence

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_entry_is_a_sentence():
    record(
        action="changed",
        kind="segment",
        key="vips",
        name="VIPs",
        said="version 7",
        changes={"description": ["", "Gold"], "name": ["VIP", "VIPs"]},
        now=NOW,
    )

    entry = AuditEntry.objects.get()
    assert sentence(entry) == (
        "SegmentFlow changed the segment “VIPs”: name, description, version 7"
    )
    assert [(one.before, one.after) for one in changes_of(entry)] == [
        ("VIP", "VIPs"),
        ("–", "Gold"),
    ]


def test_whoever_is_at_it_is_told_without_being_passed_on():
    with acting_as(COMMAND):
        record(action="created", kind="user")
    record(action="created", kind="user")

    assert [one.actor_name for one in AuditEntry.objects.order_by("pk")] == [
        "Command line",
        "SegmentFlow",
    ]


def test_it_goes_with_the_change_that_it_tells():
    with transaction.atomic():
        record(action="changed", kind="user")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE segmentflow_auditentry SET said = 'nothing'",
        "DELETE FROM segmentflow_auditentry",
        "DELETE FROM segmentflow_auditentry WHERE id IN (SELECT id FROM segmentflow_auditentry)",
    ],
)
def test_the_database_refuses_to_change_it(sql):
    record(action="changed", kind="user", now=NOW)

    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert AuditEntry.objects.get().said == ""


def test_what_is_older_than_it_is_kept_for_goes_and_nothing_else():
    record(action="changed", kind="user", now=NOW - timedelta(days=800))
    record(action="changed", kind="user", now=NOW - timedelta(days=700))
    assert months_kept() == 24

    assert is_forgetting_due(now=NOW)
    assert advance_forgetting(now=NOW)
    assert not advance_forgetting(now=NOW)
    assert not is_forgetting_due(now=NOW)

    assert [one.at for one in AuditEntry.objects.all()] == [NOW - timedelta(days=700)]
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_for_ever_keeps_everything_and_another_time_is_told():
    record(action="changed", kind="user", now=NOW - timedelta(days=5_000))

    keep_entries_for(months=None, now=NOW)

    assert not is_forgetting_due(now=NOW)
    newest = AuditEntry.objects.latest("pk")
    assert newest.changes == {"months kept": [24, "for ever"]}


def test_of_secrets_it_says_that_they_changed():
    found = differences(
        {"url": "a", "password": "x", "host": "h"},
        {"url": "b", "password": "y", "host": "h"},
        secret=("url",),
    )
    record(action="changed", kind="way", changes=found)

    assert AuditEntry.objects.get().changes == {
        "url": [CHANGED, CHANGED],
        "password": [CHANGED, CHANGED],
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"deep": {"api_key": "k", "name": "n"}}, {"deep": {"api_key": CHANGED, "name": "n"}}),
        ("https://me:pass@host/x?token=1#y", "https://host/x?…"),
        ("https://host/x", "https://host/x"),
        ("a\0b\ud800", "ab?"),
        ({3, 1}, [1, 3]),
        (NOW, "2026-11-20T12:00:00+00:00"),
        ("x" * 600, "x" * 499 + "…"),
        (10**40, str(10**40)),
    ],
)
def test_values_are_kept_plain_short_and_without_secrets(value, kept):
    assert plain(value) == kept
