"""The API describes itself completely, and needs nobody else for showing it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_without_gaps(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema"))


def test_the_page_that_shows_it_loads_only_our_own_files(client):
    page = client.get("/api/docs/")

    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert sources
    assert all(source.startswith("/") for source in sources), sources


def test_every_address_is_told_of_in_the_reference():
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]

    for path in paths:
        name = path.removeprefix("/api/v1").removesuffix(".csv").replace("{contact_id}", "{id}")
        assert name in text, f"docs/api.md does not mention {name}"
