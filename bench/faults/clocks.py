"""Clocks that can be put forward and back, for chosen processes only; the machine's own is left alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shifted.c")


class Clock:
    """Processes that are started with `environment` have it; it is set for all of them at once."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.clock"
        self._library = folder / "shifted.so"
        if not self._library.exists():
            command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE)]
            subprocess.run([*command, "-ldl"], check=True)
        self._file.write_bytes(bytes(8))
        self._file.chmod(0o644)

    @staticmethod
    def is_possible() -> bool:
        return shutil.which("cc") is not None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self._library),
            "SEGMENTFLOW_FAULTS_CLOCK": str(self._file),
        }

    def put(self, seconds: int) -> None:
        """So far from the time of the machine."""
        with self._file.open("r+b") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))
