"""A request that loses its database is told to come again."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from segmentflow import room
from segmentflow.database.location import Location


def loses_its_database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


def is_wrong(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse()


def says(state: str) -> HttpResponse:
    """What PostgreSQL calls the trouble it is in."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")
    return HttpResponse()


def finds_no_room(request: HttpRequest) -> HttpResponse:
    with Path("/dev/full").open("wb") as file:
        file.write(b"1")
    return HttpResponse()


def cannot_keep_its_session(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = True
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


handler500 = "segmentflow.outage.server_error"
urlpatterns = [
    path("page", loses_its_database),
    path("api/v1/data", loses_its_database),
    path("wrong", is_wrong),
    path("session", cannot_keep_its_session),
    path("file", finds_no_room),
    path("full", lambda request: says("53100")),
    path("api/v1/full", lambda request: says("53100")),
    path("v1/full", lambda request: says("53100")),
    path("standby", lambda request: says("25006")),
    path("left", lambda request: says("25P03")),
]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls(__name__),
]


def test_a_page_says_to_try_again(client):
    answer = client.get("/page")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert "try again" in answer.content.decode()


def test_a_program_is_told_as_a_problem(client):
    answer = client.get("/api/v1/data")

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 503


def test_the_next_request_finds_the_database_again(client):
    client.get("/page")

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_mistake_of_ours_is_still_one(client):
    client.raise_request_exception = False

    assert client.get("/wrong").status_code == 500


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/full", "The disk is full"),
        ("/file", "The disk is full"),
        ("/standby", "The database takes no changes"),
        ("/left", "The database does not answer"),
        ("/session", "The database does not answer"),
    ],
)
def test_each_trouble_is_called_what_it_is(client, address, said):
    client.raise_request_exception = False

    answer = client.get(address)

    assert answer.status_code == 503
    assert answer["Retry-After"].isdigit()
    assert said in answer.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/full", "/v1/full"])
def test_programs_are_told_that_the_disk_is_full(client, address):
    answer = client.get(address)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "The disk is full" in json.loads(answer.content).values()


def test_a_database_that_ends_for_want_of_room_is_told_as_that(
    client, monkeypatch, settings, tmp_path
):
    settings.DATA = Location(tmp_path)
    settings.DATA.cluster.mkdir()
    monkeypatch.setattr(room, "is_database_here", lambda: True)
    monkeypatch.setattr(room, "LEAST", 1 << 62)

    assert "The disk is full" in client.get("/page").content.decode()
