"""Who gets in with which key."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from segmentflow.api.keys import create_key
from segmentflow.models import ApiKey

pytestmark = pytest.mark.django_db
SEGMENTS = "/api/v1/segments"


def bearer(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_key(name='test', scopes=scopes)[1]}"}


def test_a_key_with_the_scope_gets_in(client):
    assert client.get(SEGMENTS, headers=bearer("read")).status_code == 200


def test_without_a_key_it_is_a_401_that_says_how(client):
    answer = client.get(SEGMENTS)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert "Bearer" in answer.json()["detail"]


@pytest.mark.parametrize("sent", ["Bearer", "Bearer wrong", "Basic abc", "Bearer \x00ÿ"])
def test_a_wrong_key_is_a_401(client, sent):
    assert client.get(SEGMENTS, headers={"Authorization": sent}).status_code == 401


def test_a_revoked_key_is_a_401(client):
    headers = bearer("read")
    ApiKey.objects.update(revoked_at=timezone.now())

    assert client.get(SEGMENTS, headers=headers).status_code == 401


def test_a_key_without_the_scope_is_a_403_that_names_it(client):
    answer = client.post(SEGMENTS, {}, content_type="application/json", headers=bearer("read"))

    assert answer.status_code == 403
    assert "write" in answer.json()["detail"]


def test_a_wrong_method_is_a_405_that_names_the_right_ones(client):
    answer = client.put(SEGMENTS, {}, content_type="application/json", headers=bearer("write"))

    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


def test_another_content_type_is_a_415(client):
    answer = client.post(SEGMENTS, "a=1", content_type="text/csv", headers=bearer("write"))

    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_an_unknown_address_is_a_404_in_the_same_form(client):
    answer = client.get("/api/v1/nothing", headers=bearer("read"))

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_only_the_hash_of_a_key_is_stored():
    row, key = create_key(name="test", scopes=["read"])

    assert key not in str(ApiKey.objects.filter(pk=row.pk).values())


def test_the_use_of_a_key_is_noted(client):
    client.get(SEGMENTS, headers=bearer("read"))

    assert ApiKey.objects.get().last_used_at is not None


def test_the_command_prints_a_key_that_works(client):
    out = StringIO()

    call_command("create_api_key", "shop", scopes="ingest,read", stdout=out)

    key = out.getvalue().strip()
    assert client.get(SEGMENTS, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert ApiKey.objects.get().scopes == ["ingest", "read"]


def test_the_command_refuses_a_scope_that_does_not_exist():
    with pytest.raises(CommandError, match="ingest"):
        call_command("create_api_key", "shop", scopes="everything")


def test_the_description_of_the_api_is_served(client):
    answer = client.get("/api/schema/", headers={"Accept": "application/json"})

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert "/api/v1/segments" in answer.json()["paths"]


def test_the_page_about_the_api_runs_nothing_from_elsewhere(client):
    answer = client.get("/api/docs/")

    assert answer.status_code == 200
    assert b"http://" not in answer.content.replace(b"http://testserver", b"")
    assert b"https://" not in answer.content
    assert b"<script>" not in answer.content
