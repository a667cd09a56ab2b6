"""How a real Chromium is started: by the tests, and for pictures."""

from __future__ import annotations

import os
import shutil
from typing import Any, Final

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE_MS: Final = 10_000
"""For what a page does and for what is expected of it: a machine with other work takes seconds to
start a process for a frame, and Playwright's own 5 s for expectations were once too few."""


def launch_arguments() -> dict[str, Any]:
    """For the browser that script/test found or installed; without one, Playwright's own."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    chosen = {"executable_path": found} if found else {}
    return chosen | {"args": [*QUIET, *sandbox]}
