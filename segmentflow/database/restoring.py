"""A dump back into a database that nothing else uses meanwhile."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentflow.database.binaries import programs_for
from segmentflow.database.identity import choose_identity
from segmentflow.database.location import Location
from segmentflow.database.server import environment
from segmentflow.database.temporary import TemporaryServer


class RestoreFailed(Exception):
    """With what pg_restore said."""


@contextmanager
def alone(location: Location) -> Iterator[None]:
    """The embedded database runs, and nothing but this process uses it. Raises lock.Taken."""
    server = TemporaryServer(location)
    server.start()
    try:
        yield
    finally:
        server.stop()


def restore(dump: Path, *, url: str) -> None:
    """As a whole or not at all, in place of what was there. Raises RestoreFailed."""
    made = subprocess.run(
        [
            *(programs_for(choose_identity()) / "pg_restore", f"--dbname={url}"),
            *("--clean", "--if-exists", "--no-owner", "--single-transaction", dump),
        ],
        env=environment() | {k: v for k, v in os.environ.items() if k.startswith("PG")},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise RestoreFailed(made.stderr.strip()[-2000:])
