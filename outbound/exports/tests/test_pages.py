"""Pages and API of exports."""

from __future__ import annotations

import pytest

from outbound.exports.models import Export, ExportRun
from outbound.exports.running import run_one
from outbound.exports.services import run_now
from outbound.exports.tests.made import make_export
from outbound.exports.wanted import secrets_of
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS, MARKETERS
from segments.tests.made import (
    EVERYONE,
    NOW,
    make_contact,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

FORM = {
    "segment": "vips",
    "name": "Nightly",
    "kind": "csv",
    "columns": ["id", "email"],
    "schedule": "weekly",
    "weekdays": ["1", "5"],
    "at": "06:30",
    "place": "folder",
    "folder": "crm",
    "pattern": "{segment}-{date}",
    "keeps": "7",
    "method": "PUT",
}


@pytest.fixture
def vips():
    make_contact("anna", email="anna@example.com")
    return settled(make_segment(definition=EVERYONE))


@pytest.fixture
def admin(client):
    user = make_user(ADMINS)
    client.force_login(user)
    return user


def test_an_export_is_set_up_and_changed_by_forms(client, admin, vips):
    answer = client.post("/exports/new", FORM)

    export = Export.objects.get()
    assert answer.headers["Location"] == f"/exports/{export.pk}"
    assert (export.weekdays, export.keeps, export.created_by) == ([1, 5], 7, admin)
    assert b"Every Monday and Friday at 06:30" in client.get(f"/exports/{export.pk}").content

    client.post(f"/exports/{export.pk}/edit", FORM | {"schedule": "hand"})
    export.refresh_from_db()
    assert (export.schedule, export.next_at) == ("hand", None)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"folder": "../x"}, "A folder is named by"),
        ({"weekdays": []}, "Choose at least one day"),
        ({"columns": []}, "Choose at least one field"),
        ({"at": "27:00"}, "Enter a valid time"),
        ({"name": "a\0"}, "Null characters are not allowed"),
        ({"place": "url", "url": "https://10.0.0.1/x"}, "private network"),
        ({"segment": "nothing"}, "Select a valid choice"),
        ({"keeps": "99999999999999999999"}, "less than or equal to"),
    ],
)
def test_what_is_wrong_is_said_at_its_control(client, admin, vips, sent, said):
    answer = client.post("/exports/new", FORM | sent)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Export.objects.exists()


def test_the_log_shows_runs_and_hands_out_the_file(client, admin, vips):
    export = make_export(vips, now=current_time())
    client.post(f"/exports/{export.pk}/run")
    run_one(clock=current_time)
    run = export.runs.get()

    page = client.get(f"/exports/{export.pk}").content.decode()
    file = client.get(f"/exports/{export.pk}/files/{run.pk}")

    assert "by ada" in page
    assert f"/exports/{export.pk}/files/{run.pk}" in page
    assert b"anna@example.com" in b"".join(file.streaming_content)
    assert run.file in file.headers["Content-Disposition"]


def test_a_file_that_has_gone_is_not_found(client, admin, vips, folder):
    export = make_export(vips)
    run = run_now(export=export, by=None, now=NOW)
    run_one(clock=lambda: NOW)
    for file in folder.iterdir():
        file.unlink()

    assert client.get(f"/exports/{export.pk}/files/{run.pk}").status_code == 404
    assert client.get(f"/exports/{export.pk + 1}/files/{run.pk}").status_code == 404


def test_what_is_secret_in_an_address_is_for_those_who_may_change_it(client, admin, vips):
    export = make_export(vips, place="url", url="https://example.com/in?sig=hidden", method="POST")
    secret = secrets_of(export)["secret"]
    assert secret in client.get(f"/exports/{export.pk}").content.decode()
    assert "sig=hidden" in client.get(f"/exports/{export.pk}/edit").content.decode()

    client.force_login(make_user(MARKETERS, "mia"))
    page = client.get(f"/exports/{export.pk}").content.decode()
    assert secret not in page
    assert "sig=" not in page
    answer = client.get(f"/api/v1/exports/{export.pk}").json()
    assert answer["url"] == "https://example.com/in?…"
    assert "secret" not in answer


def test_a_list_costs_the_same_for_more_exports(client, admin, vips):
    make_export(vips, name="One", pattern="1")
    few = queries_of(lambda: client.get("/settings/exports"))
    for number in range(2, 6):
        make_export(vips, name=str(number), pattern=str(number))

    assert queries_of(lambda: client.get("/settings/exports")) == few
    assert queries_of(lambda: client.get("/segments/vips/exports")) <= few + 10


@pytest.fixture
def api(client):
    _, key = create_key(name="both", scopes=["read", "write"])

    def send(method, path, data=None):
        return getattr(client, method)(
            path,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return send


def test_programs_set_up_run_and_delete(api, vips):
    made = api(
        "post",
        "/api/v1/exports",
        {
            "segment": "vips",
            "name": "N",
            "columns": ["id"],
            "schedule": "hourly",
            "at": "00:15",
            "place": "url",
            "url": "https://example.com/in?sig=hidden",
            "method": "POST",
        },
    )
    assert made.status_code == 201
    path = f"/api/v1/exports/{made.json()['id']}"
    assert made.json()["secret"].startswith("whsec_")
    assert (made.json()["at"], made.json()["url"]) == ("00:15", "https://example.com/in?…")

    assert api("patch", path, {"place": "folder", "paused": True}).json()["next_at"] is None
    assert api("post", f"{path}/run").status_code == 202
    run_one(clock=current_time)
    (run,) = api("get", f"{path}/runs").json()["results"]
    assert (run["state"], run["rows"]) == ("done", 1)
    assert api("get", "/api/v1/exports?segment=vips").json()["results"][0]["last_run"] == run
    assert api("delete", path).status_code == 204
    assert api("get", path).status_code == 404


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"segment": "nothing"}, "segment"),
        ({"columns": ["nothing"]}, "columns"),
        ({"at": "never"}, "at"),
        ({"weekdays": [9]}, "weekdays.0"),
        ({"colour": "red"}, "colour"),
        ({"folder": "../x"}, "folder"),
        ({"keeps": 10**30}, "keeps"),
    ],
)
def test_programs_are_told_what_is_wrong(api, vips, sent, path):
    answer = api(
        "post", "/api/v1/exports", {"segment": "vips", "name": "N", "columns": ["id"]} | sent
    )

    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert not Export.objects.exists()


def test_a_key_that_may_not_read_sends_no_contacts_elsewhere(client, vips):
    _, key = create_key(name="w", scopes=["write"])

    answer = client.post(
        "/api/v1/exports",
        {"segment": "vips", "name": "N", "columns": ["id"]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert answer.status_code == 403


def test_exports_whose_last_file_failed_are_told_among_what_is_wrong(client, admin, vips):
    for name in ("One", "Two", "Three", "Four", "Five"):
        export = make_export(vips, name=name, folder=name)
        for state in ("failed", "done") if name == "Five" else ("done", "failed", "waiting"):
            ExportRun.objects.create(export=export, state=state, due_at=NOW, try_at=NOW)

    text = client.get("/settings/status").content.decode()

    assert "The exports “Four”, “One”, “Three” and 1 other could not be written or sent" in text
