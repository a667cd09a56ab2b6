"""manage.py demo: have the demonstration data come, keep moving, or go."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.problems import Conflict
from segmentflow.clock import current_time
from segmentflow.demo.loading import load_demo
from segmentflow.demo.removing import remove_demo
from segmentflow.demo.stream import stream


class Command(BaseCommand):
    help = "Load the demonstration data; what an interrupted attempt left out is added."

    def add_arguments(self, parser: CommandParser) -> None:
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--remove", action="store_true", help="erase it, and leave everything else as it is"
        )
        instead.add_argument(
            "--stream", action="store_true", help="send an event every second or two until stopped"
        )

    def handle(self, *_args: Any, remove: bool, stream: bool, **_options: Any) -> None:
        if remove:
            remove_demo()
            self.stdout.write("The demonstration data is gone.")
        elif stream:
            run_stream()
        else:
            self._load()

    def _load(self) -> None:
        try:
            load_demo(now=current_time(), on_progress=self._show)
        except Conflict as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write("The demonstration data is there.")

    def _show(self, part: float) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"{part:4.0%}", ending="\n" if part == 1 else "\r", style_func=str)
            self.stderr.flush()


def run_stream() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stream(clock=current_time, goes_on=lambda: not stop.is_set(), wait=stop.wait)
