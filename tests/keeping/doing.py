"""Programs that are run beside the tests, and waited for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

from django.conf import settings as project
from django.db import connection

KEY = "the key of before"


def own_url() -> str:
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def run(command: str, *arguments: object, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, project.BASE_DIR / "manage.py", command, *map(str, arguments)],
        env=os.environ
        | {
            "DATABASE_URL": url,
            "SEGMENTFLOW_DATA_DIR": str(project.DATA.root),
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(happened) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)
