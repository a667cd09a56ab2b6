"""Connect to the embedded server, and start it for this command when nobody runs it.

Used without DATABASE_URL, by `manage.py load` and the like; `manage.py up` tells its
processes the address.
"""

from __future__ import annotations

import atexit
import time
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base

from segmentflow.database.identity import NoIdentity
from segmentflow.database.location import installation
from segmentflow.database.lock import Taken
from segmentflow.database.server import ServerFailed
from segmentflow.database.temporary import TemporaryServer

BUSY_SECONDS = 60


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        patience = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError:
                busy = _start()
                if busy is not None and time.monotonic() > patience:
                    raise psycopg.OperationalError(
                        f"{busy}, and its database does not answer."
                    ) from None
            time.sleep(0.05)


def _start() -> Taken | None:
    """Start the server, or say who has the data directory."""
    server = TemporaryServer(installation())
    try:
        server.start()
    except Taken as taken:
        return taken
    except (NoIdentity, ServerFailed) as problem:
        raise psycopg.OperationalError(str(problem)) from None
    atexit.register(_stop, server)
    return None


def _stop(server: TemporaryServer) -> None:
    connections.close_all()
    server.stop()
