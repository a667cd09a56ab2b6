"""manage.py load contacts|events FILE: JSON Lines or CSV, plain or .gz."""

from __future__ import annotations

import json
import sys
import time
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.files.records import Unreadable
from events.files import Line
from events.loading import Outcome, load_contacts, load_events
from segmentflow.clock import current_time, workspace_zone

WIDTH = 30
DESCRIPTION = """
Load contacts or events from a file: one JSON object a line, as the API takes them, or CSV
with a line of column names. Loading a file twice changes nothing. Lines that cannot be
loaded go to a report, with the reason.
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["contacts", "events"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--shift-to-now",
            action="store_true",
            help="move all times of events so that the newest is now",
        )
        parser.add_argument(
            "--no-new-fields",
            action="store_true",
            help="refuse contacts with attributes that nobody has defined, instead of defining"
            " fields of the type that their values have",
        )
        parser.add_argument(
            "--report", type=Path, help="where refused lines go (default: <file>.refused.jsonl)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        report = options["report"] or Path(f"{path.name}.refused.jsonl")
        started = time.monotonic()
        try:
            outcome = self._load(path, Bar(path, self.stderr), options)
        except (OSError, EOFError, zlib.error, Unreadable) as problem:
            raise CommandError(f"{path} cannot be read: {problem}") from problem
        self._say(outcome, options["what"], time.monotonic() - started)
        if outcome.refused:
            self._write_report(outcome, report)

    def _load(self, path: Path, bar: Bar, options: dict[str, Any]) -> Outcome:
        now = current_time()
        if options["what"] == "events":
            return load_events(
                path,
                now=now,
                zone=workspace_zone(),
                progress=bar.show,
                shift_to_now=options["shift_to_now"],
            )
        outcome, defined = load_contacts(
            path, now=now, progress=bar.show, new_fields=not options["no_new_fields"]
        )
        for field in defined:
            self.stdout.write(f"New field {field.key}: {field.get_type_display().lower()}")
        return outcome

    def _say(self, outcome: Outcome, what: str, seconds: float) -> None:
        known = "updated" if what == "contacts" else "known already"
        self.stdout.write(
            f"{outcome.created:,} new {what}, {outcome.known:,} {known},"
            f" {len(outcome.refused):,} lines refused, {seconds:.1f} s"
        )

    def _write_report(self, outcome: Outcome, report: Path) -> None:
        try:
            with report.open("w", encoding="utf-8") as file:
                for refused in sorted(outcome.refused, key=lambda refused: refused.line.number):
                    row = {
                        "line": refused.line.number,
                        "problems": [asdict(problem) for problem in refused.problems],
                        "content": refused.line.raw,
                    }
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as problem:
            raise CommandError(f"the report {report} cannot be written: {problem}") from problem
        self.stdout.write(f"Why lines were refused: {report}")


class Bar:
    """How far a file has been loaded, on one line of the terminal."""

    def __init__(self, path: Path, out: Any) -> None:
        self._path = path
        self._out = out
        self._total = path.stat().st_size if path.is_file() else 0
        self._shown = sys.stderr.isatty()

    def show(self, line: Line) -> None:
        if not self._shown:
            return
        part = min(line.position / self._total, 1) if self._total else 1
        filled = "#" * round(part * WIDTH)
        end = "\n" if part == 1 else "\r"
        self._out.write(
            f"[{filled:{WIDTH}}] {part:4.0%}  {line.number:,} lines", ending=end, style_func=str
        )
        self._out.flush()
