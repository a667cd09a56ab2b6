"""The django-q cluster: python -m segmentflow.processes.cluster."""

from __future__ import annotations

import os

import django

from segmentflow.processes.collecting import spare_what_is_loaded
from segmentflow.processes.lifeline import tie_forks


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    # Its processes do not notice a killed parent by themselves, and would work on for ever.
    tie_forks()
    django.setup()
    from django_q.cluster import Cluster

    spare_what_is_loaded()
    Cluster().start()


if __name__ == "__main__":
    main()
