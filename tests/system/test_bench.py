"""The benchmark runs, and memberships are right after each scenario. Speed is not looked at."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench.speed.stage import SIZES
from tests.system.copying import copy_of
from tests.system.installation import TOP


@pytest.mark.slow
def test_every_scenario_of_the_benchmark_leaves_memberships_right(started, tmp_path):
    report = tmp_path / "report"
    for name in SIZES:  # as a first start leaves them, which takes longer than most scenarios
        copy_of(started, tmp_path / name)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.speed", "--scale", "0.002", "--runs", "1"),
            *("--no-docs", "--report", report, "--keep", tmp_path),
        ],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    findings = json.loads(report.with_suffix(".json").read_text())["findings"]
    assert len({finding["scenario"] for finding in findings}) > 5
    mistakes = [finding for finding in findings if "mistakes" in finding["name"]]
    assert mistakes
    assert all(finding["median"] == 0 for finding in mistakes)
