"""manage.py distribute: contacts and what belongs to them, spread over the machines of a Citus cluster."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmentflow.audit.acting import COMMAND
from segmentflow.audit.recording import record
from segmentflow.citus.checking import extension, problems, workers
from segmentflow.citus.spreading import distributed, spread
from segmentflow.citus.tables import plan


class Command(BaseCommand):
    help = "Spread contacts, and what belongs to them, over the machines of a Citus cluster."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Say what would be done and refused; change nothing.",
        )
        parser.add_argument(
            "--shards",
            type=int,
            default=32,
            help="Parts that contacts are spread in: some for each processor of the cluster to come.",
        )

    def handle(self, *args: Any, check: bool, shards: int, **options: Any) -> None:
        if shards < 1:
            raise CommandError("There has to be one shard at least.")
        wanted = plan()
        found = problems(wanted)
        if found:
            raise CommandError("Nothing was changed.\n" + "\n".join(f"- {one}" for one in found))
        self.stdout.write(f"Citus {extension()}, workers: {', '.join(workers())}")
        if check:
            there = distributed()
            for table in (*wanted.copied, *wanted.spread):
                where = f"spread by {table.column}" if table.column else "copied to every machine"
                self.stdout.write(
                    f"{table.name}: {'there already' if table.name in there else where}"
                )
        else:
            for line in spread(wanted, shards=shards):
                self.stdout.write(line)
            said = f"spread over {', '.join(workers())}"
            record(action="changed", kind="workspace", said=said, actor=COMMAND)
        for name, why in wanted.staying.items():
            self.stdout.write(f"{name}: stays on the coordinator, for {why}")
        self.stdout.write("Nothing was changed." if check else "Done.")
