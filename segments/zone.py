"""Another time zone for the workspace: days begin elsewhere, so all segments are computed anew.

The zone is stored in the transaction that asks for the rebuilds. An evaluation reads it after
it has shared its segments' locks, and a swap waits for those locks: what is still evaluated in
the old zone is over before the swap replaces it, and what begins later knows the new one. A
rebuild in the old zone is cancelled. Until the swap, the members of before stay.
"""

from __future__ import annotations

import zoneinfo

from django.db import DataError, connection, transaction

from contacts.problems import Problem, Refused
from segmentflow.audit.recording import record
from segmentflow.clock import workspace_zone
from segmentflow.workspace import current_workspace, update_workspace
from segments.engine import locks
from segments.engine.publish import rebuild_live_segments
from segments.models import Rebuild

KIND = "zone"
"""Of the cause of whoever enters or leaves by such a rebuild."""


@transaction.atomic
def change_zone(*, name: str) -> int:
    """Set the zone; how many segments are computed anew. Raises Refused for what is none."""
    if name not in zoneinfo.available_timezones() or not _is_known_to_database(name):
        said = f"“{name}” is no time zone. Choose one from the list, such as Europe/Warsaw."
        raise Refused([Problem("time_zone", "unknown", said)])
    locks.hold_publishing()
    before = workspace_zone().key
    update_workspace(time_zone=name)
    if before != name:
        record(action="changed", kind="workspace", changes={"time_zone": [before, name]})
    return _rebuild_if_new()


@transaction.atomic
def apply_zone() -> int:
    """Have members follow the zone of the environment, when it is another one than before.

    Before the processes start, because all of them take their environment with them.
    """
    locks.hold_publishing()
    return _rebuild_if_new()


def is_changing() -> bool:
    """Whether members still follow another zone, at least in part."""
    return Rebuild.objects.filter(state=Rebuild.State.BUILDING, cause__kind=KIND).exists()


def _rebuild_if_new() -> int:
    zone = workspace_zone().key
    if current_workspace().applied_zone == zone:
        return 0
    update_workspace(applied_zone=zone)
    return rebuild_live_segments(cause={"kind": KIND, "zone": zone})


def _is_known_to_database(name: str) -> bool:
    """It keeps a list of its own, perhaps an older one."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT now() AT TIME ZONE %s", [name])
    except DataError:
        return False
    return True
