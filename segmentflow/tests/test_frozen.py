"""Processes that stand still for too long are found, with those below them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segmentflow.processes.frozen import EVERY_SECONDS, MOST_SECONDS, Frozen

STARTS_ANOTHER = """
import subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(other.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    """A process and the one that it has started."""
    command = [sys.executable, "-c", STARTS_ANOTHER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as main:
        assert main.stdout is not None
        below = int(main.stdout.readline())
        yield main.pid, below
        os.kill(below, signal.SIGKILL)
        main.kill()


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    while ") T " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.01)


def test_whoever_stands_still_for_a_minute_is_found(family):
    main, below = family
    frozen = Frozen()
    stop(below)

    assert frozen.look({main: "cluster"}, at=100.0) == []
    assert frozen.look({main: "cluster"}, at=100.0 + MOST_SECONDS) == [(below, "cluster")]


def test_whoever_goes_on_in_time_is_not(family):
    main, _ = family
    frozen = Frozen()
    stop(main)
    frozen.look({main: "web"}, at=100.0)
    os.kill(main, signal.SIGCONT)
    time.sleep(0.05)
    frozen.look({main: "web"}, at=100.0 + EVERY_SECONDS)
    stop(main)

    assert frozen.look({main: "web"}, at=100.0 + MOST_SECONDS) == []


def test_whoever_has_ended_is_not():
    frozen = Frozen()

    assert frozen.look({2**22 - 1: "web"}, at=0.0) == []
