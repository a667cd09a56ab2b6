"""Each request has an id, and one line in the log."""

from __future__ import annotations

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django_q.models import OrmQ
from django_q.signals import pre_execute
from django_q.signing import SignedPackage

from segmentflow.api.keys import create_key
from segmentflow.logs import request_ids
from segmentflow.logs.tests.captured import captured
from segmentflow.roles import ADMINS
from segmentflow.tests.made import sign_in
from segmentflow.wakeups import ask_for


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("this is a test")


handler500 = "segmentflow.views.server_error"
urlpatterns = [
    path("breaks", breaks),
    path("api/v1/breaks", breaks),
    path("v1/breaks", breaks),
    path("", include("segmentflow.urls")),
]

pytestmark = pytest.mark.django_db


def access_line(text: str) -> str:
    [line] = [line for line in text.splitlines() if "segmentflow.access" in line]
    return line


def test_an_id_is_made_and_told(client):
    with captured() as log:
        answer = client.get("/sign-in")

    assert len(answer["X-Request-ID"]) == 16
    assert access_line(log.text).endswith(f"[{answer['X-Request-ID']}]")
    assert json.loads(access_line(log.json))["request_id"] == answer["X-Request-ID"]


def test_one_that_comes_along_is_taken_over(client):
    answer = client.get("/sign-in", headers={"X-Request-ID": "proxy-0123456789"})

    assert answer["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "a b c d e f", "<script>alert</script>"])
def test_one_that_is_none_is_not(client, sent):
    assert client.get("/sign-in", headers={"X-Request-ID": sent})["X-Request-ID"] != sent


def test_nothing_of_a_request_is_left_behind(client):
    client.get("/sign-in")

    assert request_ids.current_id() == ""


def test_the_line_has_no_query_string_and_says_who(client):
    user = sign_in(client, ADMINS)
    with captured() as log:
        client.get("/search?q=anna")

    line = json.loads(access_line(log.json))
    assert line["path"] == "/search"
    assert line["status"] == 200
    assert line["method"] == "GET"
    assert line["ms"] > 0
    assert line["who"] == f"user {user.pk}"
    assert "anna" not in log.text


def test_a_program_is_named_by_the_beginning_of_its_key(client):
    row, key = create_key(name="x", scopes=["read"])
    with captured() as log:
        client.get("/api/v1/status", headers={"Authorization": f"Bearer {key}"})

    assert json.loads(access_line(log.json))["who"] == f"key {row.prefix}"


def test_probes_and_files_have_a_line_only_when_they_fail(client):
    with captured() as log:
        client.get("/healthz")
        client.get("/static/css/app.css")
    assert "segmentflow.access" not in log.text

    with captured() as log:
        client.get("/metrics")
    assert " 401 " in access_line(log.text)


def test_lines_of_requests_can_be_left_out(client, settings):
    settings.ACCESS_LOG = False
    with captured() as log:
        client.get("/sign-in")

    assert "segmentflow.access" not in log.text


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/breaks", "/api/v1/breaks", "/v1/breaks"])
def test_whoever_meets_a_fault_can_tell_which_request_it_was(client, address):
    client.raise_request_exception = False
    with captured() as log:
        answer = client.get(address)

    name = answer["X-Request-ID"]
    assert answer.status_code == 500
    assert name in answer.content.decode()
    assert "RuntimeError: this is a test\n" in log.text
    assert f"Internal Server Error: {address} [{name}]" in log.text


def test_a_task_belongs_to_the_request_that_asked_for_it(settings):
    settings.WAKE_CLUSTER = True
    request_ids.begin("from-the-shop")
    ask_for("refresh", "segments.tasks.refresh")
    request_ids.end()

    task = SignedPackage.loads(OrmQ.objects.get().payload)
    assert task["group"] == "from-the-shop"
    pre_execute.send(sender="django_q", func=None, task=task)
    assert request_ids.current_id() == "from-the-shop"
    pre_execute.send(sender="django_q", func=None, task={})
    assert request_ids.current_id() == ""


def test_a_line_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/t.js")
