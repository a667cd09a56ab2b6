#!/usr/bin/env python
"""Django's command line for this project."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as problem:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(problem) if isinstance(problem, ImproperlyConfigured) else _told(problem))


def _told(problem: Exception) -> str:
    said = f"The database cannot be used: {problem}"
    return (
        f"{said}\nIt is the one that DATABASE_URL names."
        if os.environ.get("DATABASE_URL")
        else said
    )


if __name__ == "__main__":
    main()
