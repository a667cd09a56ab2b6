"""The web server: python -m segmentflow.processes.web HOST PORT."""

from __future__ import annotations

import multiprocessing
import os
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from segmentflow.processes.collecting import spare_what_is_loaded
from segmentflow.processes.lifeline import tie_forks


def main(host: str, port: int) -> None:
    # Forked workers share what is loaded here, and are tied to this process.
    multiprocessing.set_start_method("fork")
    tie_forks()
    import segmentflow.wsgi  # noqa: F401 - loaded once, before the workers are forked

    spare_what_is_loaded()
    Server(
        "segmentflow.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=2 if (os.cpu_count() or 1) >= 2 else 1,
        blocking_threads=2,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
