"""Whoever writes a file is killed in the middle of it: nothing of it is seen, and another one writes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from campaigns.delivery.tests.test_kill import _address
from outbound.exports.looking import ready
from outbound.exports.models import ExportRun
from outbound.exports.running import run_one
from outbound.exports.services import run_now
from outbound.exports.tests.made import make_export
from segmentflow.clock import current_time
from segments.tests.made import EVERYONE, make_contact, make_segment, settled

State = ExportRun.State


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_writer_that_is_killed_in_the_middle(folder):
    for name in ("anna", "ben", "cem"):
        make_contact(name)
    export = make_export(settled(make_segment(definition=EVERYONE)))
    run_now(export=export, by=None, now=current_time())
    writer = subprocess.Popen(
        [sys.executable, "-m", "outbound.exports.tests.writer", str(folder)],
        env=os.environ | {"DATABASE_URL": _address(), "SEGMENTFLOW_WAKE": "0"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "begun\n"
        # It is at it, so nobody else is.
        assert not run_one(clock=current_time)
        assert [path.suffix for path in folder.iterdir()] == [".part"]
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

    until = time.monotonic() + 30
    while not ready(current_time()):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert run_one(clock=current_time)

    run = export.runs.get()
    assert (run.state, run.rows, run.attempts) == (State.DONE, 3, 2)
    assert [path.name for path in folder.iterdir()] == [run.file]
