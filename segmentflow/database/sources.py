"""What can be restored: a backup of ours, or a dump of pg_dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db.migrations.loader import MigrationLoader

from segmentflow import __version__
from segmentflow.database.archive import CHUNK, Archive, Damaged, is_archive, read_archive
from segmentflow.database.backing_up import DUMP, FORMAT

MAGIC = b"PGDMP"


class TooNew(Exception):
    """A newer program than this one made it."""


@dataclass(frozen=True)
class Source:
    path: Path
    archive: Archive | None
    """None: a dump by itself."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.archive.manifest if self.archive else {}

    def dump(self) -> Iterator[bytes]:
        if self.archive:
            yield from self.archive.chunks(DUMP)
            return
        with self.path.open("rb") as file:
            yield from iter(partial(file.read, CHUNK), b"")


def open_source(path: Path) -> Source:
    """A backup is checked to its last byte. Raises Damaged, TooNew, OSError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) == MAGIC:
            return Source(path, None)
    if not is_archive(path):
        raise Damaged("It is neither a whole backup of SegmentFlow nor a dump of pg_dump -Fc.")
    archive = read_archive(path)
    if DUMP not in archive.parts or not isinstance(archive.manifest.get("format"), int):
        raise Damaged("It is no backup of SegmentFlow.")
    if archive.manifest["format"] > FORMAT:
        raise TooNew(_refusal(str(archive.manifest.get("version")), []))
    check_not_newer(archive.manifest["migrations"], version=str(archive.manifest["version"]))
    return Source(path, archive)


def check_not_newer(applied: Mapping[str, Sequence[str]], *, version: str = "") -> None:
    """Raises TooNew when it has migrations that this program does not know."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations or ())
    for migration in (loader.disk_migrations or {}).values():
        known.update(migration.replaces)
    ours = {app for app, _ in known}
    # Of an app that is not there any more, rows stay behind for ever.
    unknown = [
        f"{app}.{name}"
        for app, names in applied.items()
        if app in ours
        for name in names
        if (app, name) not in known
    ]
    if unknown:
        raise TooNew(_refusal(version, unknown))


def _refusal(version: str, unknown: Sequence[str]) -> str:
    made = f"SegmentFlow {version}" if version and version != __version__ else "SegmentFlow"
    why = f" (it has {', '.join(unknown[:3])}{', …' if unknown[3:] else ''})" if unknown else ""
    return f"It was made by a newer {made}{why} than this one, {__version__}. Update the program first."
