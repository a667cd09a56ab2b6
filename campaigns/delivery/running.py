"""Does what is due: whoever entered a segment first, and otherwise one campaign after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from campaigns.channels.handing import Carrier, Outbound
from campaigns.channels.models import SendingLane
from campaigns.composing import CannotCompose
from campaigns.delivery.claiming import Claimed, claim
from campaigns.delivery.hands import Hands, ManyHands, OneHand
from campaigns.delivery.lane import lane, note_served, rest, row_of, slot
from campaigns.delivery.looking import Todo, What, due_channels, look
from campaigns.delivery.marking import Marks
from campaigns.delivery.noting import Notes
from campaigns.delivery.outside import Compose, Outside
from campaigns.delivery.pace import Clock, Pace
from campaigns.delivery.recovering import recover
from campaigns.delivery.sending import Bench, End, Sending
from campaigns.delivery.steering import end_done, start_scheduled, tidy_cancelled
from campaigns.models import Campaign
from contacts.problems import Refused

logger = logging.getLogger(__name__)

FIRST_BITE: Final = 20
LARGEST_BITE: Final = 400
BITE_SECONDS: Final = 0.5
"""About so long one bite may take: who has just entered a segment waits for it."""

GoesOn = Callable[[], bool]


def deliver(*, clock: Clock, outside: Outside, goes_on: GoesOn) -> int:
    """What is due, as long as `goes_on` says so; answers how many messages were handed over."""
    with slot() as is_mine:
        if not is_mine:
            return 0
        start_scheduled(clock.now(), begin=outside.begin)
        tidy_cancelled(goes_on)
        with ExitStack() as stack:
            run = _Run(clock, outside, goes_on, stack)
            while goes_on() and run.turn():
                pass
        end_done(clock.now())
        return run.handed


class _Run:
    """What is open while a worker sends."""

    def __init__(self, clock: Clock, outside: Outside, goes_on: GoesOn, stack: ExitStack) -> None:
        self._clock, self._outside, self._goes_on, self._stack = clock, outside, goes_on, stack
        self._benches: dict[str, tuple[Bench, int] | None] = {}
        """With the session that has the lane; None: not in this run."""
        self._composers: dict[int, Compose] = {}
        self._turns: dict[int, int] = {}
        self._skipped: set[int] = set()
        self._rates: dict[str, float] = {}
        self._lanes = {row.channel: row for row in SendingLane.objects.all()}

    @property
    def handed(self) -> int:
        return sum(bench.handed for bench, _ in filter(None, self._benches.values()))

    def turn(self) -> bool:
        """One bite of whose turn it is; False: there is nothing for this worker to do."""
        now = self._clock.now()
        todo = look(now)
        for channel in due_channels(todo, now=now) - self._benches.keys():
            self._benches[channel] = self._open(channel)
        due = [one for one in todo if one.what is What.SEND and one.at <= now]
        mine = [
            one
            for one in due
            if self._benches.get(one.channel) and one.campaign_id not in self._skipped
        ]
        if not mine:
            return False
        self._bite(min(mine, key=self._order))
        return True

    def _order(self, one: Todo) -> tuple[bool, int, float, bool, int]:
        """Of channels, who was served longest ago comes first, and of one's campaigns the next."""
        row = self._lanes.get(one.channel)
        served_at = row.served_at.timestamp() if row and row.served_at else 0.0
        was_served = row is not None and one.campaign_id <= row.served_campaign
        turns = self._turns.get(one.campaign_id, 0)
        return (one.status != "live", turns, served_at, was_served, one.campaign_id)

    def _open(self, channel: str) -> tuple[Bench, int] | None:
        session = self._stack.enter_context(lane(channel))
        if session is None:
            return None
        at_once = self._outside.at_once(channel)
        recover(channel, at_once=at_once)
        row = row_of(channel)
        now = self._clock.now()
        if row.again_at and row.again_at > now:
            return None
        try:
            hands = self._hands(channel, at_once)
        except Refused as problem:
            text = " ".join(one.message for one in problem.problems)
            rest(channel=channel, error=text, wait_seconds=None, now=now)
            return None
        except (DatabaseError, InterfaceError):
            raise
        except Exception as problem:  # whatever it is, nothing can leave this way
            logger.exception("opening the way of %s", channel)
            text = f"Sending cannot begin: {problem}"
            rest(channel=channel, error=text, wait_seconds=None, now=now)
            return None
        pace = Pace(self._outside.per_second(channel), row.next_at)
        return Bench(
            channel, hands, self._clock, pace, self._goes_on, is_troubled=row.failures > 0
        ), session

    def _hands(self, channel: str, at_once: int) -> Hands:
        def carrier() -> Carrier:
            return self._outside.carrier(channel, self._clock.now)

        if at_once == 1:
            return OneHand(self._stack.enter_context(carrier()))
        return self._stack.enter_context(ManyHands(carrier, at_once=at_once))

    def _bite(self, one: Todo) -> None:
        bench, session = self._benches[one.channel] or (None, 0)
        campaign = Campaign.objects.filter(pk=one.campaign_id).first()
        if bench is None or campaign is None:
            self._skipped.add(one.campaign_id)
            return
        self._turns[campaign.pk] = self._turns.get(campaign.pk, 0) + 1
        begun, before = self._clock.now(), bench.handed
        bite = claim(campaign=campaign, outside=self._outside, limit=self._limit(bench), now=begun)
        if not bite.looked_at:
            self._skipped.add(campaign.pk)  # somebody else is at them
        if not bite.claimed:
            return
        compose = self._composers.get(campaign.pk) or self._composer(campaign)
        notes = Notes(bench.channel, bite.at, session)
        end = Sending(bench, Marks(campaign, bite, session), notes, compose).send()
        note_served(channel=bench.channel, campaign_id=campaign.pk, now=self._clock.now())
        seconds = (self._clock.now() - begun).total_seconds()
        if bench.handed > before and seconds > 0:
            self._rates[bench.channel] = (bench.handed - before) / seconds
        if end is End.STOPPED and not _is_session(session):
            self._benches[bench.channel] = None
        elif end in (End.SLOW, End.TROUBLE):
            self._skipped.add(campaign.pk)

    def _limit(self, bench: Bench) -> int:
        rate = self._rates.get(bench.channel)
        wanted = FIRST_BITE if rate is None else int(rate * BITE_SECONDS)
        return min(max(wanted, FIRST_BITE), LARGEST_BITE, bench.pace.most_in(BITE_SECONDS))

    def _composer(self, campaign: Campaign) -> Compose:
        try:
            made = self._outside.composer(campaign, self._clock.now())
        except CannotCompose as problem:
            why = str(problem)
            return lambda claimed: [CannotCompose(why) for _ in claimed]
        self._composers[campaign.pk] = compose = _careful(made)
        return compose


def _careful(compose: Compose) -> Compose:
    """One message that makes our program fail must not keep all others from being sent."""

    def one_by_one(claimed: Sequence[Claimed]) -> Sequence[Outbound | CannotCompose]:
        try:
            return compose(claimed)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as problem:  # whatever it is, it is about these only
            if len(claimed) > 1:
                return [made for one in claimed for made in one_by_one([one])]
            if isinstance(problem, CannotCompose):
                return [problem]
            logger.exception("composing %s", claimed[0].key)
            return [CannotCompose("The program failed while it composed this message.")]

    return one_by_one


def _is_session(session: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() = %s", [session])
        return bool(cursor.fetchone()[0])
