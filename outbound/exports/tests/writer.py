"""Writes what is due in a process of its own, to be killed: python -m outbound.exports.tests.writer FOLDER."""

from __future__ import annotations

import os
import sys
import time


def main(folder: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    django.setup()
    from django.conf import settings

    from outbound.exports import snapshot
    from outbound.exports.running import run_one
    from segmentflow.clock import current_time

    settings.EXPORTS_DIR = folder
    rows = snapshot._rows

    def slow(*args, **options):
        for number, row in enumerate(rows(*args, **options)):
            if number == 1:
                print("begun", flush=True)  # noqa: T201 - it is waited for
                time.sleep(60)
            yield row

    snapshot._rows = slow
    run_one(clock=current_time)


if __name__ == "__main__":
    main(sys.argv[1])
