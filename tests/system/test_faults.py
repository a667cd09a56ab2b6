"""Some of what script/faults breaks; the others of its faults take minutes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.system.installation import TOP

pytestmark = pytest.mark.slow


def test_nothing_is_lost_or_doubled_by_what_breaks_most_often(started, tmp_path):
    report = tmp_path / "faults.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.faults", "--quick", "--no-docs", "--report", report),
            *("--rate", "60", "--people", "200", "--like", started),
        ],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    print(done.stdout)  # noqa: T201 - what was injected, and what came of it

    assert done.returncode == 0, done.stdout + done.stderr
    [run] = json.loads(report.read_text())["runs"]
    assert run["verdicts"]
    assert run["sums"]["answered 202"] > 0
    assert run["sums"]["lost"] == run["sums"]["doubled"] == run["sums"]["never sent"] == 0
