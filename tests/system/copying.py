"""Installations that were started once already: made once for all processes that test, and copied.

A first start makes a database, its tables, and the static files, which takes most of its time.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from segmentflow.database.identity import choose_identity, place_for
from segmentflow.database.location import Location
from segmentflow.database.temporary import make_root
from tests.system.installation import Installation

PASSWORD = "admin-pass-123"  # noqa: S105 - of the administrator of installations that live for one test
KEPT = ("secret_key", "static")


def started_once(folder: Path) -> Path:
    """The data directory of one that has been started and stopped; whoever comes first makes it."""
    folder.mkdir(exist_ok=True)
    data, done = folder / "data", folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(data, ignore_errors=True)
            installation = Installation(data)
            installation.environment["SEGMENTFLOW_ADMIN_PASSWORD"] = PASSWORD
            try:
                installation.start(patience=180)  # the first one makes all that the others copy
            finally:
                installation.stop()
            done.touch()
    return data


def copy_of(started: Path, data: Path) -> Installation:
    """One of its own, stopped."""
    source, target = Location(started), Location(data)
    make_root(target)
    place = place_for(choose_identity(), target.root, target.digest)
    shutil.copytree(source.cluster.resolve(), place / "postgres", symlinks=True)
    for name in KEPT:
        kept = source.root / name
        (shutil.copytree if kept.is_dir() else shutil.copy2)(kept, target.root / name)
    return Installation(data)


def machine_of(started: Path, data: Path, *, url: str, **environment: str) -> Installation:
    """One of several that share a database: with a data directory of its own, and no database in it."""
    source, target = Location(started), Location(data)
    make_root(target)
    shutil.copytree(source.static, target.static)
    machine = Installation(data)
    machine.environment |= {"DATABASE_URL": url, **environment}
    return machine
