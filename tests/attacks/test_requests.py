"""Requests that are not what a browser sends: another host, other headers, more than a form has, too much of anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from segmentflow.models import ApiKey, User
from segmentflow.roles import ADMINS, MARKETERS
from tests.attacks.effort import IS_LONG
from tests.figures import count
from tests.site.matrix import LINES, SUPERUSER
from tests.site.test_rights import fingerprint, is_api

pytestmark = pytest.mark.django_db

FRAMED = ("/campaigns/outbox/{outbox}.html", "/campaigns/{campaign}/preview.html")
"""Messages, shown in frames of our own pages."""


def test_every_page_says_what_browsers_may_do_with_it(standing):
    client = standing.client(SUPERUSER)
    for line in LINES:
        is_like_others = line.address.startswith("/admin/") and "{" in line.address
        if line.get is None or SUPERUSER not in line.get or is_like_others:
            continue
        response = client.get(standing.address(line.address))
        headers = response.headers
        count("pages whose headers were looked at")
        frames = "SAMEORIGIN" if line.address in FRAMED else "DENY"
        if response.status_code < 300 and "text/html" in headers["Content-Type"]:
            assert headers["X-Frame-Options"] == frames, line.address
            assert "frame-ancestors" in headers["Content-Security-Policy"], line.address
        assert headers["X-Content-Type-Options"] == "nosniff", line.address
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), line.address
        assert "Access-Control-Allow-Origin" not in headers or line.address.startswith(
            ("/v1/", "/t.js", "/push")
        )


HOSTS = ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:x", ""]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "address", ["/", "/sign-in", "/api/v1/contacts", "/m/u/x", "/v1/track", "/admin/login/"]
)
def test_a_name_that_is_not_ours_is_answered_nothing(client, host, address):
    response = client.get(address, headers={"host": host})

    assert response.status_code == 400
    assert b"evil" not in response.content


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "X-Original-Url", "X-Rewrite-Url", "Forwarded"]
)
def test_no_header_says_where_links_lead(standing, header):
    client = standing.client("read")
    response = client.get("/api/v1/contacts?limit=1", headers={header: "host=evil.example"})

    assert "evil" not in response.json()["next"]
    assert b"evil" not in client.get("/sign-in", headers={header: "evil.example"}).content


def test_https_is_believed_of_no_one_unless_it_was_set(client):
    response = client.get("/api/docs/", headers={"X-Forwarded-Proto": "https"})

    assert not response.wsgi_request.is_secure()


MORE = {
    **dict.fromkeys(("is_superuser", "is_staff", "is_active"), "on"),
    **dict.fromkeys(("id", "pk", "groups", "user_permissions", "author", "created_by"), "1"),
    "password": "x",
    "scopes": "write",
    "hash": "x",
    "member_count": "9",
    "live_version": "1",
    "started_at": "2026-01-01",
    "frozen": "{}",
    "secret": "x",
    "token": "x",
    "origin": "system",
}


def test_no_form_takes_more_than_it_shows(standing):
    """Nobody becomes more than they are by a field that the form does not have."""
    for who in (ADMINS, MARKETERS) if IS_LONG else (ADMINS,):
        client = standing.client(who)
        for line in LINES:
            if line.post is None or who not in line.post or is_api(line):
                continue
            if line.address.startswith("/settings/users"):
                more = {name: value for name, value in MORE.items() if name != "is_active"}
            else:
                more = MORE
            before = powers()
            with transaction.atomic():
                client.post(standing.address(line.address), {**more, **(line.sends or {})})
                after = powers()
                transaction.set_rollback(True)
            count("forms with more fields")
            assert after["superusers"] == before["superusers"], line.address
            if not line.address.startswith("/settings/users"):
                assert after == before, line.address


def powers() -> dict[str, Any]:
    return {
        "superusers": {*User.objects.filter(is_superuser=True).values_list("pk", flat=True)},
        "staff": {*User.objects.filter(is_staff=True).values_list("pk", "groups")},
        "keys": {(key.pk, *key.scopes) for key in ApiKey.objects.all() if key.name != "New"},
    }


@pytest.mark.parametrize("more", ["id", "created_by", "__proto__"])
def test_no_body_takes_more_than_is_described(standing, more):
    client, untouched = standing.client(SUPERUSER), fingerprint()
    for line in LINES:
        if not line.address.startswith("/api/v1/") or not line.sends:
            continue
        for method, who in line.methods():
            if method not in ("POST", "PATCH") or SUPERUSER not in who or "batch" in line.address:
                continue
            if "contacts" in line.address and more == "id":
                continue  # a contact is named by it
            body = json.dumps({**line.sends, more: 1})
            address = standing.address(line.address)
            response = client.generic(method, address, body, content_type="application/json")
            assert response.status_code == 400, (method, address)
            assert response.json()["errors"], (method, address)

    assert fingerprint() == untouched


@pytest.fixture
def person(standing):
    return standing.client(SUPERUSER)


def test_a_form_with_too_many_fields_is_refused_with_a_sentence(person):
    response = person.post("/account", {f"f{number}": "x" for number in range(5_000)})

    assert response.status_code == 413
    assert b"at most 4,000 fields" in response.content


def test_an_address_with_too_many_parameters_is_refused_with_a_sentence(person):
    query = "&".join(f"f{number}=x" for number in range(5_000))
    response = person.get(f"/contacts?{query}")

    assert response.status_code == 413
    assert b"at most 4,000 fields" in response.content


def test_a_form_that_is_too_large_is_refused_with_a_sentence(person):
    response = person.post("/account", {"email": "x" * (11 * 1024 * 1024)})

    assert response.status_code == 413
    assert b"at most 10 MB" in response.content


def test_too_many_files_are_refused_with_a_sentence(person):
    files = {f"f{number}": SimpleUploadedFile("x.csv", b"x") for number in range(150)}
    response = person.post("/campaigns/pictures", files)

    assert response.status_code == 413
    assert b"at most 100 files" in response.content


@pytest.mark.parametrize(
    ("address", "name", "size"),
    [("/campaigns/pictures", "a.png", 3), ("/segments/-import-template", "a.json", 12)],
)
def test_a_file_that_is_too_large_is_refused_with_a_sentence(person, address, name, size):
    file = SimpleUploadedFile(name, b"\x89PNG\r\n\x1a\n" + b"x" * (size * 1024 * 1024))
    response = person.post(address, {"file": file})

    assert response.status_code in (413, 422)
    assert b" MB" in response.content or b" KB" in response.content


BROKEN = [
    (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary=" + "y" * 300),
    (b"\xff\xfe=\x00", "application/x-www-form-urlencoded; charset=utf-16"),
    (b"a=%ff%00&%00=b", "application/x-www-form-urlencoded; charset=nonsense"),
    (b"{}", "application/json"),
    (b"<x/>", "text/xml"),
    (b"", ""),
]


@pytest.mark.parametrize(("body", "content_type"), BROKEN)
def test_a_form_that_is_none_is_refused_or_empty(person, body, content_type):
    for address in ("/account", "/contacts/imports", "/segments/-new", "/sign-in", "/theme"):
        with transaction.atomic():
            response = person.generic("POST", address, body, content_type=content_type)
            transaction.set_rollback(True)
        assert response.status_code < 500, address


HEADERS = [
    {"Accept": "x/y"},
    {"Accept": "\x00"},
    {"Accept": ",".join(["a/b;q=x"] * 5_000)},
    {"Accept-Language": "x" * 100_000},
    {"Accept-Encoding": "gzip;q=" + "9" * 1_000},
    {"Cookie": "sessionid=\x00\xff; csrftoken=" + "x" * 10_000},
    {"Cookie": "; ".join(f"c{number}=x" for number in range(5_000))},
    {"Cookie": "sessionid=../../etc/passwd; messages=[[[[["},
    {"If-Modified-Since": "x" * 1_000},
    {"If-Modified-Since": "Thu, 99 Jan 99999 00:00:00 GMT"},
    {"Range": "bytes=0-99999999999999999999"},
    {"HX-Request": "true", "HX-Current-URL": "https://evil.example/\x00"},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1", "HX-Target": "'\"><x"},
    {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ff"},
    {"HX-Boosted": "true", "HX-History-Restore-Request": "true", "HX-Prompt": "\ufffd"},
    {"Content-Length": "99"},
    {"Transfer-Encoding": "chunked"},
    {"Origin": "null"},
    {"Referer": "\x00"},
    {"User-Agent": "() { :; }; echo x"},
    {"X-Request-Id": "a\r\nSet-Cookie: x=y" * 100},
]


@pytest.mark.parametrize("headers", HEADERS, ids=[", ".join(one)[:30] for one in HEADERS])
def test_no_header_breaks_a_page(standing, headers):
    for who in (SUPERUSER, "anonymous", "read"):
        client: Client = standing.client(who)
        sent = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
        for address in ("/", "/contacts", "/segments/vips", "/api/v1/segments", "/t.js", "/v1/track", "/static/css/app.css"):  # fmt: skip
            response = client.get(address, headers=sent)
            count("requests with hostile headers")
            assert response.status_code < 500, (address, headers)
            assert "evil" not in response.headers.get("HX-Redirect", "")
