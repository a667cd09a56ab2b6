"""Hands over the messages of one bite, one after the other, and stores what came of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from django.db import DatabaseError, InterfaceError

from campaigns.channels.handing import Carrier, Handed, Outbound, Outcome
from campaigns.composing import CannotCompose
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.lane import end_trouble, rest
from campaigns.delivery.marking import Marks, Result
from campaigns.delivery.outside import Compose
from campaigns.delivery.pace import Clock, Pace
from campaigns.delivery.recovering import tell_again
from campaigns.delivery.retrying import pause_after
from campaigns.keys import MessageKey
from campaigns.models import Message, Suppression
from campaigns.suppressing import suppress

logger = logging.getLogger(__name__)

State = Message.State

LONGEST_WAIT_SECONDS: Final = 0.5
"""For the throttle; what has to wait longer gives its worker back."""


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
    GONE = "gone"
    """This one's contact was erased meanwhile."""
    TROUBLE = "trouble"
    """Nothing can be sent to anybody by this channel just now."""


@dataclass(slots=True)
class Bench:
    """What a sender works with, by one channel."""

    channel: str
    carrier: Carrier
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
    compose: Compose
    _results: dict[MessageKey, Result] = field(default_factory=dict)
    _unsent: dict[MessageKey, Claimed] = field(default_factory=dict)

    def send(self) -> End:
        """All of the bite, or as many as go; the others are released."""
        bite = self.marks.bite.claimed
        self._unsent = {one.key: one for one in bite}
        try:
            end = self._all(bite)
            self.marks.release_rest()
            return end
        except (DatabaseError, InterfaceError):
            tell_again(
                self.marks, results=self._results, unsent=list(self._unsent), clock=self.bench.clock
            )
            raise

    def _all(self, bite: Sequence[Claimed]) -> End:
        size = self.bench.pace.group
        for begin in range(0, len(bite), size):
            if not self.bench.goes_on():
                return End.TIME
            group = self._composed(bite[begin : begin + size])
            if group and (end := self._group(group, is_last=begin + size >= len(bite))):
                return end
        return End.DONE

    def _composed(self, group: Sequence[Claimed]) -> list[tuple[Claimed, Outbound]]:
        made = list(zip(group, self.compose(group), strict=True))
        failed = [(one.key, str(why)) for one, why in made if isinstance(why, CannotCompose)]
        if failed:
            self.marks.fail(failed)
            for key, _ in failed:
                self._unsent.pop(key)
        return [(one, out) for one, out in made if not isinstance(out, CannotCompose)]

    def _group(self, group: Sequence[tuple[Claimed, Outbound]], *, is_last: bool) -> End | None:
        if not self._waited():
            return End.SLOW
        free_at = self.bench.pace.after(len(group), now=self.bench.clock.now())
        there = self.marks.announce([one.key for one, _ in group], free_at=free_at)
        if there is None:
            return End.STOPPED
        # Of those that are not, the contacts were erased meanwhile.
        for one, _ in group:
            if one.key not in there:
                self._unsent.pop(one.key)
        left = [(one, out) for one, out in group if one.key in there]
        is_there = True
        for place, (one, out) in enumerate(left):
            if place and (end := self._pause(one, is_there=is_there)):
                if end is End.GONE:
                    continue
                return end
            following = left[place + 1][0].key if place + 1 < len(left) else None
            end, is_there = self._one(one, out, following, is_last=is_last and following is None)
            if end:
                return end
        return None

    def _pause(self, one: Claimed, *, is_there: bool) -> End | None:
        """Before each that is not the first of its group; None: it may be handed over."""
        if not self.bench.goes_on():
            return End.TIME
        if not self._waited():
            return End.SLOW
        if is_there:
            return None
        is_going, is_there = self.marks.follows(one.key)
        if not is_going:
            return End.STOPPED
        if is_there:
            return None
        del self._unsent[one.key]
        return End.GONE

    def _one(
        self, one: Claimed, message: Outbound, following: MessageKey | None, *, is_last: bool
    ) -> tuple[End | None, bool]:
        """Why this is the end, if it is, and whether the message that follows still is there."""
        bench = self.bench
        bench.pace.take(bench.clock.now())
        del self._unsent[one.key]
        handed = self._handed(message)
        self._results[one.key] = result = self._result(one, handed)
        is_going, is_there = self.marks.store(one.key, result, following=following, is_last=is_last)
        bench.handed += 1
        if handed.is_bad_address and handed.outcome is Outcome.REFUSED:
            suppress(
                channel=bench.channel,
                address=one.address,
                why=Suppression.Why.BOUNCED,
                detail=handed.error,
                at=bench.clock.now(),
            )
        if end := self._trouble(handed):
            return end, False
        return (None if is_going else End.STOPPED), is_there

    def _handed(self, message: Outbound) -> Handed:
        try:
            return self.bench.carrier.hand(message)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # whatever it is, it may have left
            logger.exception("handing over by %s", self.bench.channel)
            return Handed(Outcome.UNCLEAR, "The program failed while it handed this message over.")

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

    def _trouble(self, handed: Handed) -> End | None:
        """Whether to leave the channel alone for a while."""
        bench = self.bench
        bench.unclear = bench.unclear + 1 if handed.outcome is Outcome.UNCLEAR else 0
        is_everybody = handed.outcome is Outcome.LATER and handed.is_everybody
        # Should each one end like that, nobody would be left.
        if is_everybody or bench.unclear >= (1 if bench.is_troubled else MOST_UNCLEAR):
            rest(
                channel=bench.channel,
                error=handed.error,
                wait_seconds=handed.wait_seconds,
                now=bench.clock.now(),
            )
            return End.TROUBLE
        if bench.is_troubled and not bench.unclear:
            end_trouble(bench.channel)
            bench.is_troubled = False
        return None

    def _waited(self) -> bool:
        """Until the throttle lets another one through; False: that takes too long."""
        seconds = self.bench.pace.seconds_until(self.bench.clock.now())
        if seconds > LONGEST_WAIT_SECONDS:
            return False
        if seconds:
            self.bench.clock.wait(seconds)
        return True
