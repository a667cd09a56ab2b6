"""The loop that makes time pass: it wakes the cluster when something is due or was forgotten."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, connection

from contacts.imports.running import is_work
from contacts.imports.services import wake as wake_imports
from contacts.retyping.running import is_work as is_retyping
from contacts.retyping.services import wake as wake_changes
from events.tasks import is_work as is_stored_work
from events.wakes import wake as wake_stored
from segmentflow.counting import forget_old
from segmentflow.fresh_minutes import Worst
from segmentflow.sightings import Teller
from segmentflow.tallies import roll_up
from segmentflow.turns import NowAndThen
from segmentflow.wakeups import is_cluster_working, mine, seconds_since_begun
from segments.engine.deadlines import next_due_at, note_met
from segments.engine.lateness import FORGOTTEN
from segments.engine.pending import oldest_pending_at
from segments.engine.turning import is_turned_back
from segments.keeping.erasing import is_erasing_moves_due
from segments.models import Rebuild
from segments.wakes import BEAT, wake, wake_beat, wake_erasing, wake_rebuild

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often to look; a deadline known before is met to the moment."""
BEAT_SECONDS = 2.0
MET_EACH = timedelta(seconds=10)
"""How often to look past what has been met: a deadline that was set very late is found then."""
SILENT_SECONDS = 8.0
"""This machine's cluster has wedged when it begins nothing for so long, although asked every BEAT_SECONDS."""

Look = Callable[[datetime], datetime | None]

_looks: list[Look] = []


def on_look(look: Look) -> None:
    """Have `look` asked at each look: it wakes whoever has something to do by now, and answers
    when there will be something next, if it knows."""
    if look not in _looks:
        _looks.append(look)


def watch(
    *, clock: Callable[[], datetime], on_silence: Callable[[], None], goes_on: Callable[[], bool]
) -> None:
    """Until `goes_on` says no."""
    heartbeat, worst, teller = Heartbeat(on_silence=on_silence), Worst(), Teller(is_watcher=True)
    sometimes = [
        NowAndThen(between=each, is_due=lambda _: True, wake=partial(_at, clock, do))
        for each, do in ((timedelta(hours=1), forget_old), (MET_EACH, note_met))
    ]
    while goes_on():
        try:
            wait = look(now=clock(), worst=worst)
            heartbeat.check(now=clock())
            worst.store_when_due(now=clock())
            teller.tell_when_due()
            for one in sometimes:
                one.look(clock())
        except (DatabaseError, InterfaceError) as problem:
            # The server is being restarted; the silence is not the cluster's.
            logger.warning("cannot look: %s", problem)
            connection.close()
            heartbeat = Heartbeat(on_silence=on_silence)
            wait = 1.0
        time.sleep(wait)


def _at(clock: Callable[[], datetime], do: Callable[..., object]) -> None:
    do(now=clock())


def look(*, now: datetime, worst: Worst | None = None) -> float:
    """Wake whoever has something to do, and say in how many seconds to look again."""
    due_at, oldest_at = next_due_at(), oldest_pending_at()
    if worst is not None:
        worst.see(now=now, oldest_at=oldest_at, due_at=due_at)
    # What was left in the future comes from before the clock was put back.
    is_forgotten = oldest_at is not None and abs(now - oldest_at) >= FORGOTTEN
    if (due_at and due_at <= now) or is_forgotten:
        wake()
    coming = [due_at, *(one(now) for one in _looks)]
    waits = [(at - now).total_seconds() for at in coming if at and at > now]
    return min(LOOK_SECONDS, *waits) if waits else LOOK_SECONDS


class Heartbeat:
    """Does what is done now and then: asks for a sign of life, and calls `on_silence` when none comes."""

    def __init__(self, *, on_silence: Callable[[], None]) -> None:
        self._on_silence = on_silence
        self._next_beat = 0.0
        self._alive_at: float | None = None
        """Of the monotonic clock: the other one may be put back or forward."""

    def check(self, *, now: datetime) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + BEAT_SECONDS
        wake_beat()
        roll_up()
        if Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists():
            wake_rebuild()
        if is_work(now=now):
            wake_imports()
        if is_stored_work(now=now):
            wake_stored()
        if is_retyping(now=now):
            wake_changes()
        if is_erasing_moves_due(now=now):
            wake_erasing()
        if is_turned_back(now=now):
            wake()
        alive_at = self._note_life()
        if time.monotonic() - alive_at > SILENT_SECONDS:
            self._alive_at = time.monotonic()  # a new cluster needs time to begin
            self._on_silence()

    def _note_life(self) -> float:
        """A worker in a long task begins nothing, and is alive all the same."""
        at, since = time.monotonic(), seconds_since_begun(mine(BEAT))
        if self._alive_at is None or is_cluster_working(here=True):
            self._alive_at = at
        elif since is not None:
            self._alive_at = max(self._alive_at, at - since)
        return self._alive_at
