"""Keep the demonstration alive; `manage.py up` starts it."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from segmentflow.clock import current_time
from segmentflow.demo.control import begin
from segmentflow.demo.stream import stream


class Command(BaseCommand):
    help = "Have an empty database get the demonstration, then send its events until stopped."
    # They would load every page, which this process never shows.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        begin()
        stream(clock=current_time, goes_on=lambda: not stop.is_set(), wait=stop.wait)
