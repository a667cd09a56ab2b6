"""Another time zone for the workspace: days begin elsewhere, so all segments are computed anew.

Processes go on with the zone they read last for up to ZONE_KEPT_SECONDS. Nothing is computed
anew before that time is over, so what somebody still evaluates in the old zone is always
replaced; until then the members of before stay.
"""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from contacts.problems import Problem, Refused
from segmentflow.clock import forget_zone
from segmentflow.workspace import current_workspace, update_workspace
from segments.engine import locks
from segments.engine.publish import rebuild_segment
from segments.models import Segment

NOTICED = timedelta(seconds=1)
"""What is waited beyond ZONE_KEPT_SECONDS, for processes that are slow."""


def change_zone(*, name: str) -> None:
    """Set the zone; `ZoneWatch` does the rest. Raises Refused for a name that is no zone's."""
    if name not in zoneinfo.available_timezones():
        said = f"“{name}” is no time zone. Choose one from the list, such as Europe/Warsaw."
        raise Refused([Problem("time_zone", "unknown", said)])
    update_workspace(time_zone=name)
    forget_zone()


def wanted_zone() -> str:
    """The zone that holds, as it is stored or in the environment at this moment."""
    return current_workspace().time_zone or settings.TIME_ZONE


def is_changing() -> bool:
    """Whether members still follow another zone, at least in part."""
    applied = current_workspace().applied_zone
    return bool(applied) and applied != wanted_zone()


@transaction.atomic
def apply_zone(name: str) -> int:
    """Have every live segment computed anew in this zone; how many there are."""
    locks.hold_publishing()
    first_time = not current_workspace().applied_zone
    update_workspace(applied_zone=name)
    if first_time:
        return 0
    # A paused segment is computed anew when it goes live again.
    live = Segment.objects.filter(
        status=Segment.Status.LIVE, kind=Segment.Kind.DYNAMIC, versions__isnull=False
    )
    segments = list(live.distinct().order_by("pk"))
    for segment in segments:
        rebuild_segment(segment=segment, cause={"kind": "zone", "zone": name})
    return len(segments)


class ZoneWatch:
    """Notices that the zone has changed, here or in the environment before a start."""

    def __init__(self) -> None:
        self._noticed: tuple[str, datetime] | None = None

    def check(self, *, now: datetime) -> None:
        wanted = wanted_zone()
        if current_workspace().applied_zone == wanted:
            self._noticed = None
        elif self._noticed is None or self._noticed[0] != wanted:
            self._noticed = (wanted, now)
        elif now - self._noticed[1] > NOTICED + timedelta(seconds=settings.ZONE_KEPT_SECONDS or 0):
            apply_zone(wanted)
            self._noticed = None
