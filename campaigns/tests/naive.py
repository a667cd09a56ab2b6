"""A world of contacts, and who of them gets a campaign's message, written down from what is promised.

It knows nothing of the SQL that it proves right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from campaigns.models import Campaign, Message
from campaigns.reasons import Reason

EMAILS = {
    "": None,
    "ada@example.com": "ada@example.com",
    "Ada.Lovelace+news@mail.example.co": "Ada.Lovelace+news@mail.example.co",
    "bounced@example.com": "bounced@example.com",
    "BOUNCED@example.com": "BOUNCED@example.com",
    "angry@example.com": "angry@example.com",
    "no-at-sign": None,
    "two@at@example.com": None,
    "a..b@example.com": None,
    "line\nbreak@example.com": None,
    "x@localhost": None,
}
"""What contacts have, and where it goes."""
PHONES = {
    "": None,
    "+48 600 100 200": "+48600100200",
    "0048600100200": "+48600100200",
    "0600-100-201": "+48600100201",
    "600100202": "+48600100202",
    "12": None,
    "call me": None,
}
"""With the country code 48."""
SUPPRESSED = {
    ("email", "bounced@example.com"): Reason.BOUNCED,
    ("email", "angry@example.com"): Reason.COMPLAINED,
    ("sms", "bounced@example.com"): Reason.BOUNCED,
    ("sms", "+48600100201"): Reason.COMPLAINED,
    ("push", "u3"): Reason.BOUNCED,
}
STATE = Message.State
COUNTED = {STATE.CLAIMED, STATE.HANDING, STATE.SENT, STATE.UNCLEAR}


@dataclass(slots=True)
class Sent:
    campaign_id: int
    occasion: int
    state: Message.State
    claimed_at: Any
    sent_at: Any
    due_at: Any
    """Instants, or None."""

    @property
    def at(self) -> Any:
        return self.sent_at or self.claimed_at


@dataclass(slots=True)
class Somebody:
    id: int
    external_id: str
    email: str
    phone: str
    consents: dict[tuple[str, datetime], set[bool]] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)
    messages: list[Sent] = field(default_factory=list)
    has_browser: bool = False
    is_held_out: bool = False
    """Drawn by the product; that it draws the right share is another test."""

    def address(self, channel: str, adapter: str) -> tuple[bool, str | None]:
        """Whether there is one, and where messages go."""
        if channel == "email":
            return self.email != "", EMAILS[self.email]
        if channel == "sms":
            return self.phone != "", PHONES[self.phone]
        if adapter == "http":
            return self.external_id != "", self.external_id
        return self.has_browser, ""


@dataclass(slots=True)
class Wanted:
    """A campaign and the rules, as far as they decide."""

    campaign: Campaign
    adapter: str
    includes: set[str]
    excludes: set[str]
    cap: tuple[int, int] | None
    now: datetime

    @property
    def is_entering(self) -> bool:
        return self.campaign.kind == Campaign.Kind.ENTERING


def is_targeted(one: Somebody, wanted: Wanted) -> bool:
    return bool(one.segments & wanted.includes)


def judged(one: Somebody, wanted: Wanted, *, sending: bool = False) -> Reason | None:
    for reason, holds in _answers(one, wanted, sending):
        if holds:
            return reason
    return None


def _answers(one: Somebody, wanted: Wanted, sending: bool):  # noqa: FBT001 - two of a kind
    judges_choice = not sending or wanted.is_entering
    yield Reason.EXCLUDED, judges_choice and bool(one.segments & wanted.excludes)
    channel = wanted.campaign.channel
    decisions = {at: said for (about, at), said in one.consents.items() if about == channel}
    yield Reason.NOT_CONSENTED, not decisions
    yield Reason.UNSUBSCRIBED, False in decisions[max(decisions)]
    is_there, address = one.address(channel, wanted.adapter)
    yield Reason.NO_ADDRESS, not is_there
    yield Reason.BAD_ADDRESS, address is None
    why = SUPPRESSED.get((channel, address.lower()))
    yield Reason.BOUNCED, why == Reason.BOUNCED
    yield Reason.COMPLAINED, why == Reason.COMPLAINED
    yield Reason.ALREADY, not sending and _had(one, wanted)
    yield Reason.CAPPED, _is_capped(one, wanted, sending)
    yield Reason.HELD_OUT, judges_choice and one.is_held_out
    yield Reason.LEFT, sending and wanted.is_entering and not is_targeted(one, wanted)


def _had(one: Somebody, wanted: Wanted) -> bool:
    own = [sent for sent in one.messages if sent.campaign_id == wanted.campaign.pk]
    if not wanted.is_entering:
        return bool(own)
    days = wanted.campaign.again_days
    since = wanted.now - timedelta(days=days) if days else None
    return any(
        sent.state in {STATE.WAITING, STATE.CLAIMED, STATE.HANDING}
        or (
            sent.state in {STATE.SENT, STATE.UNCLEAR}
            and (since is None or (sent.at or sent.due_at) > since)
        )
        for sent in own
    )


def _is_capped(one: Somebody, wanted: Wanted, sending: bool) -> bool:  # noqa: FBT001
    if wanted.cap is None or wanted.campaign.ignores_cap:
        return False
    most, days = wanted.cap
    counted = [
        sent
        for sent in one.messages
        if sent.state in COUNTED and sent.at and sent.at > wanted.now - timedelta(days=days)
    ]
    if sending:
        counted = [sent for sent in counted if _goes_first(sent, one, wanted)]
    return len(counted) >= most


def _goes_first(sent: Sent, one: Somebody, wanted: Wanted) -> bool:
    """Of those being prepared, the ones that were taken before its own."""
    if sent.state != STATE.CLAIMED:
        return True
    own_id = wanted.campaign.pk
    if sent.campaign_id == own_id:
        return False
    claims = [
        own.claimed_at
        for own in one.messages
        if own.campaign_id == own_id and own.state == STATE.CLAIMED
    ]
    own_at = max(claims, default=None)
    return own_at is None or (sent.claimed_at, sent.campaign_id) < (own_at, own_id)


def some_people(rng: Random, *, now: datetime, campaign_ids: list[int]) -> list[Somebody]:
    return [_somebody(rng, number, now, campaign_ids) for number in range(1, 41)]


def _somebody(rng: Random, number: int, now: datetime, campaign_ids: list[int]) -> Somebody:
    one = Somebody(
        id=number,
        external_id=rng.choice(["", f"u{number}"]),
        email=rng.choice([*EMAILS, "ada@example.com", "ada@example.com"]),
        phone=rng.choice([*PHONES, "+48 600 100 200"]),
        has_browser=rng.random() < 0.6,
    )
    for channel in ("email", "sms", "push"):
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            at = now - timedelta(days=rng.randint(0, 3))
            one.consents.setdefault((channel, at), set()).add(rng.random() < 0.75)
    one.segments = {key for key in "abcde" if rng.random() < 0.3}
    for campaign_id in campaign_ids:
        for occasion in rng.sample(range(3), rng.choice([0, 0, 0, 1, 2])):
            one.messages.append(_sent(rng, campaign_id, occasion, now))
    return one


def _sent(rng: Random, campaign_id: int, occasion: int, now: datetime) -> Sent:
    def at() -> datetime:
        return now - timedelta(days=rng.randint(0, 8), hours=rng.choice([0, 0, 1]))

    state = rng.choice(list(STATE))
    return Sent(
        campaign_id,
        occasion,
        state,
        claimed_at=at() if state in COUNTED else None,
        sent_at=at() if state == STATE.SENT else None,
        due_at=at(),
    )
