"""The guide for deployment, as far as it can be checked in a moment; script/deployment follows it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from django.conf import settings

from tests.deployment.guide import steps_of

FILES = {step.path: step.text for step in steps_of("deployment.md", "## One server") if step.path}
UNIT = "/etc/systemd/system/segmentflow.service"


def test_every_variable_it_sets_is_explained():
    operations = (settings.BASE_DIR / "docs" / "operations.md").read_text()

    names = re.findall(r"^(\w+)=", FILES["/etc/segmentflow.env"], re.MULTILINE)

    assert names
    assert [name for name in names if f"| `{name}` |" not in operations] == []


def test_the_proxy_lets_through_what_the_program_takes():
    [limit] = set(re.findall(r"client_max_body_size (\d+)m;\n\s*proxy_http", FILES["/etc/nginx/sites-available/segmentflow"]))  # fmt: skip

    assert int(limit) * 2**20 > settings.MAX_BODY_BYTES
    assert f"client_max_body_size {2100}m" in FILES["/etc/nginx/sites-available/segmentflow"]
    assert settings.MAX_IMPORT_BYTES < 2100 * 2**20


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_service_is_closed_to_what_it_does_not_need(tmp_path):
    unit = tmp_path / "segmentflow.service"
    unit.write_text(FILES[UNIT])

    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", unit],  # noqa: S607 - as found
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stdout[-500:] + said.stderr


def test_a_container_asks_for_health_with_a_program_that_is_there():
    text = (settings.BASE_DIR / "Containerfile").read_text()
    asked = re.search(r'HEALTHCHECK .* CMD \["[^"]+", "([^"]+)"\]', text)

    assert asked
    assert (settings.BASE_DIR / asked[1]).is_file()
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
