"""Connections to a database on another machine: either side notices soon when the other is gone.

A machine that loses its power says no goodbye. Its sessions, with the locks that say who sends and who
exports, would outlive it by two hours.
"""

from __future__ import annotations

from typing import Any, Final

IDLE_SECONDS: Final = 5
INTERVAL_SECONDS: Final = 3
COUNT: Final = 3
LOST_SECONDS: Final = IDLE_SECONDS + COUNT * INTERVAL_SECONDS
"""After so long without an answer the other side is given up."""


def reach_far(options: dict[str, Any]) -> None:
    """Ask for signs of life on both sides; what DATABASE_URL says by itself stays."""
    probes = {"idle": IDLE_SECONDS, "interval": INTERVAL_SECONDS, "count": COUNT}
    for name, number in probes.items():
        options.setdefault(f"keepalives_{name}", number)
    options.setdefault("tcp_user_timeout", LOST_SECONDS * 1000)
    server = " ".join(f"-c tcp_keepalives_{name}={number}" for name, number in probes.items())
    options["options"] = f"{server} {options['options']}"
