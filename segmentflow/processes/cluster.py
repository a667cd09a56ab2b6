"""The django-q cluster: python -m segmentflow.processes.cluster."""

from __future__ import annotations

import os
from typing import Final

import django

from segmentflow.processes.collecting import spare_what_is_loaded
from segmentflow.processes.lifeline import tie_forks

IDLE: Final = "-c idle_in_transaction_session_timeout=2min"
"""A worker that is frozen in the middle of something, or whose machine is: it loses its session, others do its work,
and when it wakes up it finds that nothing of it counts."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    # Its processes do not notice a killed parent by themselves, and would work on for ever.
    tie_forks()
    django.setup()
    let_go_of_the_frozen()
    from django_q.cluster import Cluster

    from segmentflow.counting import keep

    keep()
    spare_what_is_loaded()
    Cluster().start()


def let_go_of_the_frozen() -> None:
    """Before the first connection."""
    from django.db import connections

    options = connections.settings["default"].setdefault("OPTIONS", {})
    options["options"] = f"{options.get('options', '')} {IDLE}".strip()


if __name__ == "__main__":
    main()
