"""Keep the demonstration alive; `manage.py up` starts it."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from segmentflow.clock import current_time
from segmentflow.demo.control import ask_to_load, demo_state, go_on_loading
from segmentflow.demo.stream import stream


class Command(BaseCommand):
    help = "Complete the loading of demonstration data, then send its events as long as it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--load", action="store_true", help="Load it first where there are no contacts yet."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if options["load"] and demo_state().can_load:
            ask_to_load()
        else:
            go_on_loading()
        stream(clock=current_time, goes_on=lambda: not stop.is_set(), wait=stop.wait)
