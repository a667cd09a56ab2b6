"""The tests of attacks again and again, with other inputs each time: python -m tests.attacks.fuzz --minutes 10."""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests import figures

TOP = Path(__file__).resolve().parents[2]
ALL = [
    *("test_conditions.py", "test_messages.py", "test_files.py", "test_bodies.py"),
    *("test_openapi.py", "test_addresses.py", "test_injection.py", "test_patterns.py"),
]
EFFORT = 10


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--effort", type=int, default=EFFORT, help="times as many inputs as usual")
    parser.add_argument("tests", nargs="*", default=ALL, help="files of tests/attacks")
    asked = parser.parse_args(arguments)
    until = time.monotonic() + asked.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures"
        failed = _rounds(asked.tests, effort=asked.effort, until=until, file=file)
        found = figures.read(file)
    for what, number in sorted(found.items()):
        print(f"{number:>10,}  {what}")  # noqa: T201 - that is what it is for
    print(f"{len(failed):>10,}  rounds in which something failed")  # noqa: T201
    for one in failed:
        print(f"            again: {one}")  # noqa: T201
    return 1 if failed else 0


def _rounds(tests: Sequence[str], *, effort: int, until: float, file: Path) -> list[str]:
    failed = []
    done = 0
    while not done or time.monotonic() < until:
        name, seed = tests[done % len(tests)], random.randrange(2**32)
        command = [
            *(sys.executable, "-m", "pytest", "-q", "--reuse-db", "-p", "no:cacheprovider"),
            *(f"--hypothesis-seed={seed}", "-p", "randomly", f"--randomly-seed={seed}"),
            *("--tb=short", "--maxfail=20", f"tests/attacks/{name}"),
        ]
        environment = {
            **os.environ,
            "SEGMENTFLOW_FUZZ": str(effort),
            figures.FILE: str(file),
        }
        if _run(command, environment, seconds=max(60.0, until - time.monotonic())):
            failed.append(f"SEGMENTFLOW_FUZZ={effort} {' '.join(command[1:])}")
        done += 1
    return failed


def _run(command: Sequence[str], environment: dict[str, str], *, seconds: float) -> bool:
    """Whether something failed; when the time is up it is ended, which is no failure."""
    with subprocess.Popen(command, cwd=TOP, env=environment) as process:
        try:
            return process.wait(seconds) != 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # it still writes its figures
            process.wait()
            return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
