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


def launch_arguments() -> dict[str, Any]:
    """For the browser that script/test found or installed; without one, Playwright's own."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    chosen = {"executable_path": found} if found else {}
    return chosen | {"args": [*QUIET, *sandbox]}
