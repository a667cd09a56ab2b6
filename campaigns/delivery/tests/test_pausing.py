"""Everything is paused at once, and each can be gone on with."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from campaigns.delivery.steering import resume
from campaigns.delivery.tests.made import NOW, Status, make_campaign
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.words import deed

pytestmark = pytest.mark.django_db


def test_the_command_pauses_what_sends_or_would_and_says_so():
    sending, live, done = (
        make_campaign(0, name=name, status=name)
        for name in (Status.SENDING, Status.LIVE, Status.DONE)
    )
    call_command("pause_campaigns", stdout=(said := StringIO()))
    for one in (sending, live, done):
        one.refresh_from_db()
    assert [one.status for one in (sending, live, done)] == [
        Status.PAUSED,
        Status.PAUSED,
        Status.DONE,
    ]
    assert said.getvalue().splitlines() == [
        f"Paused: campaign {sending.pk}, “sending”, was sending.",
        f"Paused: campaign {live.pk}, “live”, was live.",
    ]
    assert [deed(entry) for entry in AuditEntry.objects.filter(action="paused").order_by("pk")] == [
        "paused the campaign “sending”",
        "paused the campaign “live”",
    ]
    resume(campaign=sending, now=NOW, by=None)
    assert sending.status == Status.SENDING
    call_command("pause_campaigns", stdout=StringIO())
    call_command("pause_campaigns", stdout=(said := StringIO()))
    assert said.getvalue() == "No campaign was scheduled, being sent or live.\n"


def test_a_database_that_is_older_than_the_log_is_paused_too():
    live = make_campaign(0, status=Status.LIVE)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE segmentflow_auditentry RENAME TO not_there_yet")

    call_command("pause_campaigns", stdout=StringIO())

    live.refresh_from_db()
    assert live.status == Status.PAUSED
