"""Follows docs/deployment.md to the letter: script/deployment [server] [container]."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.deployment.container import check_container
from tests.deployment.machine import Machine, fresh_debian
from tests.deployment.one_server import check_one_server, check_own_postgresql
from tests.deployment.upgrade import check_upgrade
from tests.system.installation import TOP

PARTS = ("server", "container")
PORTS = (80, 443, 5432, 8000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/deployment", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    parser.add_argument(
        "--base", type=Path, default=Path("/var/cache/segmentflow-deployment/debian")
    )
    chosen = parser.parse_args()
    if taken := [port for port in PORTS if is_taken(port)]:
        print(f"Something listens on port {taken[0]} here, which the guide needs.", file=sys.stderr)  # noqa: T201
        return 1
    begun = time.monotonic()
    base = fresh_debian(chosen.base)
    with tempfile.TemporaryDirectory(prefix="segmentflow-deployment-") as folder:
        for part in chosen.parts or PARTS:
            steps = follow_server if part == "server" else check_container
            for seen in steps(base, Path(folder)):
                minutes, seconds = divmod(round(time.monotonic() - begun), 60)
                print(f"{minutes}:{seconds:02} {part}: {seen}", flush=True)  # noqa: T201 - what it is for
    return 0


def follow_server(base: Path, folder: Path) -> Iterator[str]:
    machine = Machine(base, folder / "machine", source=TOP)
    try:
        machine.boot()
        yield f"a Debian {machine.sh('cat /etc/debian_version').strip()} that systemd booted"
        yield from check_one_server(machine, folder)
        yield from check_own_postgresql(machine, folder)
        yield from check_upgrade(machine, folder)
    except AssertionError:
        said = machine.sh("journalctl --no-pager -n 80 -u segmentflow", check=False)
        print(said, file=sys.stderr)  # noqa: T201 - it goes with the machine
        raise
    finally:
        machine.power_off()


def is_taken(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
