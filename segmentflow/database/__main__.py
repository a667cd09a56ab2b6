"""Run a command beside a PostgreSQL of its own, which vanishes with it.

python -m segmentflow.database COMMAND ...
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from segmentflow.database.identity import NoIdentity
from segmentflow.database.location import Location
from segmentflow.database.server import ServerFailed
from segmentflow.database.temporary import TemporaryServer


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, _leave)
    location = Location(Path(tempfile.mkdtemp(prefix="segmentflow-")))
    server = TemporaryServer(location, throwaway=True)
    try:
        server.start()
        return _run(command, location)
    except (NoIdentity, ServerFailed) as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - this is a command
        return 1
    finally:
        server.stop(patience=0)
        _remove(location)


def _run(command: list[str], location: Location) -> int:
    environment = os.environ | {
        "DATABASE_URL": location.url,
        "SEGMENTFLOW_DATA_DIR": str(location.root),
    }
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it too, and ends in its own way
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _remove(location: Location) -> None:
    # Where PostgreSQL runs as another user, the data lies elsewhere behind a link.
    place = location.cluster.resolve().parent
    shutil.rmtree(location.sockets, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(location.root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
