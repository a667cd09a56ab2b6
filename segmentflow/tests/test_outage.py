"""A request that loses its database is told to come again."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def loses_its_database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


def is_wrong(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse()


urlpatterns = [
    path("page", loses_its_database),
    path("api/v1/data", loses_its_database),
    path("wrong", is_wrong),
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
