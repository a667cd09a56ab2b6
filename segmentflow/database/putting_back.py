"""Files of a backup back to where they belong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from segmentflow.database.archive import Archive
from segmentflow.database.backing_up import FILES
from segmentflow.database.files import sync_folder

WAITING: Final = ".restoring"


class Returning:
    """Those that are missing are put in place at once, which changes nothing for what is there;
    those that are there are replaced when the database is."""

    def __init__(self, archive: Archive, folders: Mapping[str, Path]) -> None:
        self._waiting: list[tuple[Path, Path]] = []
        self.count = 0
        for called, folder in folders.items():
            above = f"{FILES}/{called}/"
            for name in archive.parts:
                if name.startswith(above):
                    self._bring(archive, name, folder / name.removeprefix(above))

    def replace(self) -> None:
        for new, place in self._waiting:
            new.replace(place)
            sync_folder(place.parent)

    def forget(self) -> None:
        for new, _ in self._waiting:
            new.unlink(missing_ok=True)

    def _bring(self, archive: Archive, name: str, place: Path) -> None:
        self.count += 1
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = place.with_name(place.name + WAITING)
        new.unlink(missing_ok=True)
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "wb") as file:
            for chunk in archive.chunks(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            self._waiting.append((new, place))
        else:
            new.replace(place)
            sync_folder(place.parent)
