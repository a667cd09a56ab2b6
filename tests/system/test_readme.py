"""The README's first five minutes, as they are printed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.system.installation import TOP

pytestmark = pytest.mark.slow

MOMENT_SECONDS = 1.0
"""What it takes to paste the next block, and what a segment may take to follow."""


def blocks() -> list[str]:
    text = (TOP / "README.md").read_text()
    _, _, minutes = text.partition("## Five minutes to a segment of your own")
    minutes, _, _ = minutes.partition("\n## ")
    return re.findall(r"^```sh\n(.*?)^```", minutes, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands are for curl")
def test_the_first_five_minutes_work_as_printed(installed):
    installed.start()
    script = f"\necho; echo ---; sleep {MOMENT_SECONDS}\n".join(blocks())
    script = script.replace(".venv/bin/python", sys.executable)
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{installed.port}")

    pasted = subprocess.run(
        ["/bin/sh"],
        input=script,
        cwd=TOP,
        env=installed.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    *_, members, _changed, left = pasted.stdout.split("---\n")
    assert [row["external_id"] for row in json.loads(members)["results"]] == ["anna"]
    nobody, transitions = (json.loads(line) for line in left.split("\n") if line.startswith("{"))
    assert nobody["results"] == []
    assert [row["entered"] for row in transitions["results"]] == [True, False]
