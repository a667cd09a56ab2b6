"""Whether contacts are spread over the machines of a cluster, for the few statements that cannot be the same there."""

from __future__ import annotations

from functools import cache

from django.db import connection

from segmentflow.citus.tables import CONTACTS


@cache
def is_spread() -> bool:
    """Asked once in a process: `manage.py distribute` wants all of them stopped."""
    connection.ensure_connection()
    server = connection.connection  # not counted among the queries of a page
    has_citus = server.execute("SELECT to_regclass('pg_catalog.pg_dist_partition')").fetchone()
    if has_citus[0] is None:
        return False
    found = server.execute(
        "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass(%s))",
        [CONTACTS],
    ).fetchone()
    return bool(found[0])
