"""Every address that changes something, or hands out a file, leaves an entry in the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from segmentflow.audit.kinds import ACTIONS, KINDS
from segmentflow.audit.models import AuditEntry
from segmentflow.roles import ADMINS
from tests.site.conftest import Standing
from tests.site.matrix import LINES, SUPERUSER, Line
from tests.site.test_rights import CHANGED_BY_LOOKING, fingerprint, send

pytestmark = pytest.mark.django_db

DATA = "what programs send as data"
DRAFT = "a step of a draft, which says nothing until it is published"
VISITOR = "what recipients of messages do, which their events tell"
OWN_VIEW = "how one person sees pages"
UNTOLD = {
    "/theme": OWN_VIEW,
    "/contacts/columns": OWN_VIEW,
    "/segments/vips/builder/do": DRAFT,
    "/segments/vips/builder/json": DRAFT,
    "/segments/vips/builder/discard": DRAFT,
    "/segments/vips/versions/1/restore": DRAFT,
    "/api/v1/contacts": DATA,
    "/api/v1/contacts/batch": DATA,
    "/api/v1/events": DATA,
    "/v1/identify": DATA,
    "/v1/batch": DATA,
    "/m/u/{leaving}": VISITOR,
    "/m/u/{leaving}/now": VISITOR,
    "/m/u/{leaving}/choices": VISITOR,
    "/m/hooks/email/postmark/{hook}": VISITOR,
    "/m/hooks/sms/{sms_hook}": VISITOR,
}
"""Addresses that change something without an entry, and why."""
NO_PEOPLE = {
    "/api/schema/": "how the API is described",
    "/segments/-new/new-this-week/file": "a template: a definition, and nobody's data",
}
"""Files that anybody may take away who sees the page."""
NOT_COMPARED = [*CHANGED_BY_LOOKING, "updated_at"]
"""Columns: what is stored again as it was is no change."""
PASSED_OVER = ("django_session", "django_admin_log", "segmentflow_keyuse", "segmentflow_wakeup")

SECRET = "s3cret-Xanthippe-77"  # noqa: S105 - to be looked for
PASSWORD = {"password": SECRET, "password_again": SECRET}
WITH_SECRETS = [
    Line(
        "/settings/users/new",
        sends={"username": "new", "email": "new@example.com", "role": ADMINS, **PASSWORD},
    ),
    Line("/settings/users/{user}/password", sends=PASSWORD),
    Line("/settings/keys/new", sends={"name": "New", "scopes": "write"}),
    Line("/settings/keys/{key}/rotate", sends={"days": "7"}),
    Line("/settings/webhooks/{webhook}/secret", sends={}),
    Line(
        "/settings/sending/email",
        sends={
            "adapter": "smtp",
            "sender_address": "shop@example.com",
            "host": "mail.example.com",
            "port": "587",
            "security": "starttls",
            "user": "shop",
            "password": SECRET,
        },
    ),
    Line(
        "/exports/new",
        sends={
            "name": "New",
            "segment": "vips",
            "columns": "id",
            "kind": "csv",
            "schedule": "daily",
            "at": "06:00",
            "place": "url",
            "method": "PUT",
            "url": f"https://bucket.example.com/file?signature={SECRET}",
            "keeps": "30",
            "pattern": "{segment}",
        },
    ),
    Line(
        "/settings/webhooks/new",
        sends={
            "name": "New",
            "url": f"https://hooks.example.com/x?token={SECRET}",
            "scope": "every",
            "on_entering": "on",
            "most_moves": "10",
            "wait_ms": "500",
        },
    ),
]
"""Valid forms that hold a secret, or are answered with one."""
MADE = re.compile(r"(?:sf_[A-Za-z0-9_-]{30,}|whsec_[A-Za-z0-9+/=]{20,})")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def changed(before: dict[str, str]) -> bool:
    now = fingerprint(but=NOT_COMPARED)
    tables = {*before, *now} - {"segmentflow_auditentry", *PASSED_OVER}
    return any(before.get(table) != now.get(table) for table in tables)


def who_may(line: Line, method: str) -> str:
    who = getattr(line, method.lower())
    return ADMINS if ADMINS in who else SUPERUSER


def test_every_change_leaves_an_entry(standing: Standing):
    before, told, untold = fingerprint(but=NOT_COMPARED), [], []
    for line in LINES:
        for method, who in line.methods():
            if method == "GET" or not who & {ADMINS, SUPERUSER}:
                continue
            with undone():
                newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
                response = send(standing, who_may(line, method), method, line)
                entries = list(AuditEntry.objects.filter(pk__gt=newest or 0))
                for entry in entries:
                    assert entry.kind in KINDS, entry.kind
                    assert entry.action in ACTIONS, entry.action
                if not entries and response.status_code < 400 and changed(before):
                    untold.append((method, line.address))
            told += [(method, line.address)] if entries else []

    assert {address for _, address in untold} <= UNTOLD.keys(), untold
    assert not {address for _, address in told} & UNTOLD.keys()
    assert len(told) > 80, told


def test_every_file_of_people_that_is_taken_away_leaves_an_entry(standing: Standing):
    told = []
    for line in LINES:
        if line.get is None or ADMINS not in line.get:
            continue
        with undone():
            newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
            response = send(standing, ADMINS, "GET", line)
            is_file = "attachment" in response.headers.get("Content-Disposition", "")
            is_told = AuditEntry.objects.filter(pk__gt=newest or 0).exists()
        if is_file and line.address not in NO_PEOPLE:
            assert is_told, line.address
            told.append(line.address)
        else:
            assert not is_told, line.address

    assert len(told) >= 8, told


def test_the_export_of_a_list_leaves_an_entry_without_what_was_searched(standing: Standing):
    line = Line(
        "/contacts/export?q=anna@example.com", sends={"column": ["id", "email"], "kind": "csv"}
    )
    with undone():
        send(standing, ADMINS, "POST", line)
        entry = AuditEntry.objects.latest("pk")
        assert (entry.action, entry.kind) == ("exported", "contacts")
        assert entry.changes["columns"] == [None, ["id", "email"]]
        assert "anna" not in str(entry.changes) + entry.said


def test_no_secret_is_ever_in_it(standing: Standing):
    for line in WITH_SECRETS:
        with undone():
            newest = AuditEntry.objects.latest("pk").pk
            response = send(standing, ADMINS, "POST", line)
            assert AuditEntry.objects.filter(pk__gt=newest).exists(), (
                line.address,
                response.content.decode()[-3_000:],
            )
            secrets = [SECRET, *MADE.findall(response.content.decode())]
            assert not [secret for secret in secrets if secret in everything()], line.address


def everything() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM segmentflow_auditentry e")
        text: Any = cursor.fetchone()[0]
        return str(text)
