"""Run the loop of segments/engine/watch.py; `manage.py up` starts it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from segmentflow.clock import current_time
from segments.engine.watch import watch

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Wake the cluster when a deadline is due, and notice when it has gone silent."
    # They would load every page, which this process never shows.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        watch(clock=current_time, on_silence=_tell_supervisor, goes_on=lambda: not stop.is_set())


def _tell_supervisor() -> None:
    supervisor = os.environ.get("SEGMENTFLOW_SUPERVISOR")
    if supervisor == str(os.getppid()):
        os.kill(os.getppid(), signal.SIGUSR1)
    else:
        logger.error("The task cluster has gone silent; start it anew.")
