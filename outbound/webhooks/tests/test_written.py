"""The code that docs/webhooks.md gives to receivers is right."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from outbound.webhooks.signing import new_secret, signed_headers
from segmentflow.clock import current_time

BODY = '{"type": "segment.moves", "name": "Łódź"}'
NODE = shutil.which("node")


def code(language: str) -> str:
    text = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def cases() -> list[tuple[str, dict[str, str], str, bool]]:
    """Secret, headers, body, and whether it is genuine."""
    now, secret, other = current_time(), new_secret(), new_secret()

    def signed(*keys: str, at: Any = now) -> dict[str, str]:
        return signed_headers(message_id="msg_1", body=BODY.encode(), keys=keys, now=at)

    return [
        (secret, signed(secret), BODY, True),
        (secret, signed(other, secret), BODY, True),
        (secret, signed(other), BODY, False),
        (secret, signed(secret), BODY + " ", False),
        (secret, signed(secret) | {"webhook-id": "msg_2"}, BODY, False),
        (secret, signed(secret, at=now - timedelta(minutes=6)), BODY, False),
        (secret, signed(secret) | {"webhook-signature": "v1"}, BODY, False),
    ]


def test_the_code_in_python_knows_what_is_genuine():
    given: dict[str, Any] = {}
    exec(code("python"), given)  # noqa: S102 - our own document
    for secret, headers, body, is_genuine in cases():
        assert given["is_genuine"](secret, headers, body.encode()) is is_genuine


def test_the_page_that_shows_the_secret_has_the_same_code():
    page = Path(settings.BASE_DIR) / "templates" / "outbound" / "webhook_secret.html"
    assert code("python").strip().replace("<", "&lt;") in page.read_text()


@pytest.mark.skipif(NODE is None, reason="there is no Node")
def test_the_code_in_javascript_knows_what_is_genuine():
    script = f"""{code("js")}
        const cases = JSON.parse(require("node:fs").readFileSync(0))
        console.log(JSON.stringify(cases.map(([s, h, b]) => isGenuine(s, h, Buffer.from(b)))))"""
    told = cases()
    ran = subprocess.run(
        [str(NODE), "-e", script],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == [is_genuine for *_, is_genuine in told]
