"""Hands over the messages of one bite, in their order, and keeps what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db import DatabaseError, InterfaceError

from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.models import Suppression
from campaigns.composing import CannotCompose
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.hands import Flight, Hands
from campaigns.delivery.lane import end_trouble, rest, rest_longer
from campaigns.delivery.marking import Marks
from campaigns.delivery.noting import Notes, Result
from campaigns.delivery.outside import Compose
from campaigns.delivery.pace import Clock, Pace
from campaigns.delivery.recovering import tell_again
from campaigns.delivery.retrying import pause_after
from campaigns.keys import MessageKey
from campaigns.models import Message
from campaigns.push.addresses import forget_browsers
from campaigns.suppressing import suppress
from campaigns.tracking.receipts import note

State = Message.State

LONGEST_WAIT_SECONDS: Final = 0.5
"""For the throttle; what has to wait longer gives its worker back."""
LONG_SECONDS: Final = 0.1
"""What has to wait so long has time to note what is answered meanwhile."""
STORED_WITHIN: Final = timedelta(seconds=0.25)
"""What came of messages is stored at least so often."""
MOST_UNCLEAR: Final = 3
"""In a row; then something is wrong with the other side."""


class End(StrEnum):
    """Why no more of a bite were handed over."""

    DONE = "done"
    STOPPED = "stopped"
    """The campaign does not go on, or this worker may not."""
    TIME = "time"
    SLOW = "slow"
    """The throttle."""
    TROUBLE = "trouble"
    """Nothing can be sent to anybody by this channel just now."""


@dataclass(slots=True)
class Bench:
    """What a sender works with, by one channel."""

    channel: str
    hands: Hands
    clock: Clock
    pace: Pace
    goes_on: Callable[[], bool]
    """Whether there is time for another message."""
    is_troubled: bool
    """The last attempt was in vain."""
    handed: int = 0
    unclear: int = 0
    """In a row."""


@dataclass(slots=True)
class Sending:
    """One bite on its way."""

    bench: Bench
    marks: Marks
    notes: Notes
    compose: Compose
    _end: End | None = None
    _unsent: set[MessageKey] = field(default_factory=set)
    _results: dict[MessageKey, Result] = field(default_factory=dict)
    """Of all of the bite."""
    _unstored: dict[MessageKey, Result] = field(default_factory=dict)
    """Only noted."""
    _stored_at: datetime | None = None
    _checked: MessageKey | None = None
    """May be handed over, as was asked just now."""
    _fresh: int = 0
    """So many more need not be asked about, for they were announced just now."""

    def send(self) -> End:
        """All of the bite, or as many as go; the others are released."""
        self._unsent = {one.key for one in self.marks.bite.claimed}
        try:
            end = self._all(self.marks.bite.claimed)
            while self.bench.hands.count:
                self._land()
            self.notes.store(self._unstored)
            self.marks.release_rest()
        except (DatabaseError, InterfaceError):
            for one, handed in self._landing():
                self._results[one.key] = self._result(one, handed)
            tell_again(
                self.marks,
                self.notes,
                results=self._results,
                unsent=self._unsent,
                clock=self.bench.clock,
            )
            raise
        return self._end or end

    def _all(self, bite: Sequence[Claimed]) -> End:
        size = self.bench.pace.group
        for begin in range(0, len(bite), size):
            if not self.bench.goes_on():
                return End.TIME
            group = self._composed(bite[begin : begin + size])
            if group and (end := self._group(group)):
                return end
        return End.DONE

    def _composed(self, group: Sequence[Claimed]) -> list[Flight]:
        made = list(zip(group, self.compose(group), strict=True))
        failed = [(one.key, str(why)) for one, why in made if isinstance(why, CannotCompose)]
        if failed:
            self.marks.fail(failed)
            self._unsent -= {key for key, _ in failed}
        return [(one, out) for one, out in made if not isinstance(out, CannotCompose)]

    def _group(self, group: Sequence[Flight]) -> End | None:
        if not self._waited():
            return End.SLOW
        if self._end:
            return self._end
        self._store()
        free_at = self.bench.pace.after(len(group), now=self.bench.clock.now())
        there = self.marks.announce([one.key for one, _ in group], free_at=free_at)
        if there is None:
            return End.STOPPED
        # Of those that are not, the contacts were erased meanwhile.
        self._unsent -= {one.key for one, _ in group if one.key not in there}
        hands = self.bench.hands
        self._fresh = hands.at_once
        for place, flight in enumerate(one for one in group if one[0].key in there):
            if end := self._begin(flight, is_first=place == 0):
                return end
        if hands.at_once == 1 and hands.count:
            self._land()
        return self._end

    def _begin(self, flight: Flight, *, is_first: bool) -> End | None:
        """Hand it over as soon as one may; answers why not, if that is the end."""
        bench, key = self.bench, flight[0].key
        while bench.hands.count >= bench.hands.at_once:
            self._land(following=key)
        if not is_first and not self._end:
            if not bench.goes_on():
                return End.TIME
            if not self._waited():
                return End.SLOW
        # Whoever asks us to wait is heard before anything else leaves.
        while bench.hands.count and self._land(following=key, within=0):
            pass
        if self._end:
            return self._end
        if not self._may_go(key):
            return self._end
        bench.pace.take(bench.clock.now())
        self._unsent.discard(key)
        bench.hands.begin(flight)
        return None

    def _may_go(self, key: MessageKey) -> bool:
        """Whether it still is there, in a campaign that goes on."""
        if self._checked == key:
            return True
        if self._fresh > 0:
            self._fresh -= 1
            return True
        is_going, is_there = self.notes.follows(key)
        if not is_going:
            self._end = End.STOPPED
        elif not is_there:
            self._unsent.discard(key)
        return is_going and is_there

    def _waited(self) -> bool:
        """Until the throttle lets another one through; False: that takes too long."""
        bench = self.bench
        seconds = bench.pace.seconds_until(bench.clock.now())
        while LONG_SECONDS < seconds <= LONGEST_WAIT_SECONDS and bench.hands.count:
            if not self._land(within=seconds):
                break
            seconds = bench.pace.seconds_until(bench.clock.now())
        seconds = bench.pace.seconds_until(bench.clock.now())
        if seconds > LONGEST_WAIT_SECONDS:
            return False
        if seconds:
            bench.clock.wait(seconds)
        return True

    def _landing(self) -> Iterator[tuple[Claimed, Handed]]:
        while self.bench.hands.count:
            yield from self.bench.hands.land()

    def _land(self, *, following: MessageKey | None = None, within: float | None = None) -> bool:
        """Note what came of some at least, and ask whether the one that follows may go; False:
        nothing came `within` so many seconds."""
        bench = self.bench
        landed = bench.hands.land(within)
        for one, handed in landed:
            result = self._result(one, handed)
            self._results[one.key] = self._unstored[one.key] = result
            is_going, is_there = self.notes.note(
                one.key, result, slot=bench.handed, following=following
            )
            bench.handed += 1
            self._fresh = 0
            self._checked = following if is_going and is_there else None
            if not is_going:
                self._end = self._end or End.STOPPED
            if handed.outcome is Outcome.REFUSED and handed.is_bad_address:
                self._suppress(one, handed)
            if handed.outcome is Outcome.REFUSED and handed.is_unsubscribed:
                self._unsubscribe(one)
            forget_browsers(handed.gone)
            self._heed(handed)
        if self._stored_at is None or bench.clock.now() - self._stored_at > STORED_WITHIN:
            self._store()
        return bool(landed)

    def _store(self) -> None:
        self.notes.store(self._unstored, is_quick=True)
        self._unstored, self._stored_at = {}, self.bench.clock.now()

    def _suppress(self, one: Claimed, handed: Handed) -> None:
        suppress(
            channel=self.bench.channel,
            address=one.address,
            why=Suppression.Why.BOUNCED,
            detail=handed.error,
            at=self.bench.clock.now(),
        )

    def _unsubscribe(self, one: Claimed) -> None:
        """As if the other side had reported it."""
        now = self.bench.clock.now()
        note(channel=self.bench.channel, key=one.key, what="unsubscribed", now=now)

    def _result(self, one: Claimed, handed: Handed) -> Result:
        now = self.bench.clock.now()
        match handed.outcome:
            case Outcome.ACCEPTED:
                return Result(State.SENT, provider_id=handed.provider_id, sent_at=now)
            case Outcome.UNCLEAR:
                said = handed.error or "It may have been taken, and there is no way to know."
                return Result(State.UNCLEAR, said, handed.provider_id, sent_at=now)
            case Outcome.REFUSED:
                return Result(State.FAILED, handed.error or "It was refused.", handed.provider_id)
            case Outcome.LATER if handed.is_everybody:
                return Result(State.WAITING, is_attempt=False)
        said = handed.error or "It was not taken."
        wait = pause_after(one.attempts + 1, key=one.key, wait_seconds=handed.wait_seconds)
        if wait is None:
            return Result(State.FAILED, said)
        return Result(State.WAITING, said, due_at=now + wait)

    def _heed(self, handed: Handed) -> None:
        """See whether the channel is to be left alone for a while."""
        bench = self.bench
        bench.unclear = bench.unclear + 1 if handed.outcome is Outcome.UNCLEAR else 0
        is_everybody = handed.outcome is Outcome.LATER and handed.is_everybody
        # Should each one end like that, nobody would be left.
        if is_everybody or bench.unclear >= (1 if bench.is_troubled else MOST_UNCLEAR):
            if self._end is not End.TROUBLE:
                rest(
                    channel=bench.channel,
                    error=handed.error,
                    wait_seconds=handed.wait_seconds,
                    now=bench.clock.now(),
                )
            elif handed.wait_seconds:
                rest_longer(
                    channel=bench.channel,
                    wait_seconds=handed.wait_seconds,
                    now=bench.clock.now(),
                )
            self._end = End.TROUBLE
        elif bench.is_troubled and not bench.unclear and self._end is not End.TROUBLE:
            end_trouble(bench.channel)
            bench.is_troubled = False
