"""The one statement that says of each contact whether it gets a campaign's message, and why not.

It judges whoever it is asked about once, by the first reason that holds in the order of Reason.
Counting, lists of people, freezing and the last look before sending all use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from campaigns.audience.reach import Reach, reach_of
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from campaigns.rules import current_rules
from segments.engine.near import near
from segments.models import Segment

STATE: Final = Message.State
BROUGHT: Final = (STATE.SENT, STATE.UNCLEAR)
COMING: Final = (STATE.WAITING, STATE.CLAIMED, STATE.HANDING)


class Moment(Enum):
    BEFORE = auto()
    """Nothing is on its way yet: everything is judged."""
    SENDING = auto()
    """Its message has been claimed. What was decided when it was frozen is not decided again, and a
    contact that left a segment whose newcomers get the message gets none."""


@dataclass(frozen=True, slots=True)
class Question:
    """`text` selects contact_id, reason ('': none), address, timezone and what names the contact;
    `only` is put in by `about`."""

    text: str
    params: dict[str, Any]
    only: str
    """Of which contacts."""

    def near(self, **more: Any) -> str:
        """The text; on a cluster, where messages are not beside their contacts, within a transaction."""
        return near(self.text, only=self.only, params=self.params | more, always=True)


def targeted(*, alias: str = "m") -> str:
    """The memberships that make contacts be targeted; uses the parameter `includes`."""
    return f"FROM segments_membership {alias} WHERE {alias}.segment_id = ANY(%(includes)s)"


EVERYBODY: Final = f"c.id IN (SELECT m.contact_id {targeted()})"
THESE: Final = "c.id = ANY(%(ids)s::bigint[])"


def question(
    *,
    campaign: Campaign,
    now: datetime,
    moment: Moment = Moment.BEFORE,
    only: str = EVERYBODY,
) -> Question:
    """The statement about the contacts that the condition `only` describes."""
    reach = reach_of(campaign)
    includes, excludes = _segments(campaign)
    parts, params = _reasons(campaign, reach, excludes, moment, now)
    text = f"""
        SELECT c.id AS contact_id, coalesce({", ".join([*parts, "''"])}) AS reason,
            coalesce({reach.address}, '') AS address, c.timezone,
            c.first_name, c.last_name, c.email, c.external_id, c.phone
        FROM contacts_contact c
        LEFT JOIN campaigns_suppression s ON s.channel = %(channel)s
            AND s.digest = encode(sha256(convert_to(lower({reach.suppressed}), 'UTF8')), 'hex')
        WHERE {only}
    """
    return Question(
        text,
        only=only,
        params=params
        | {
            "campaign": campaign.pk,
            "channel": campaign.channel,
            "country_code": reach.country_code,
            "includes": includes,
            "excludes": excludes,
        },
    )


def _segments(campaign: Campaign) -> tuple[list[int], list[int]]:
    """Included and excluded ones. Nobody is targeted by a draft or from the archive."""
    includes, excludes = [], []
    rows = campaign.targets.values_list("segment_id", "excludes", "segment__status")
    for segment_id, is_excluding, status in rows:
        if is_excluding:
            excludes.append(segment_id)
        elif status in (Segment.Status.LIVE, Segment.Status.PAUSED):
            includes.append(segment_id)
    return includes, excludes


def _reasons(
    campaign: Campaign, reach: Reach, excludes: Sequence[int], moment: Moment, now: datetime
) -> tuple[list[str], dict[str, Any]]:
    """An expression for each reason, in their order, that is null when it does not hold."""
    is_before, is_entering = moment is Moment.BEFORE, campaign.kind == Campaign.Kind.ENTERING
    params: dict[str, Any] = {}
    parts = []
    if excludes and (is_before or is_entering):
        parts.append(_when(_EXCLUDED, Reason.EXCLUDED))
    parts += [_CONSENT, _address(reach), _SUPPRESSED]
    if is_before:
        params["had_since"] = had_since(campaign.again_days, now=now)
        parts.append(_when(_had(is_entering=is_entering), Reason.ALREADY))
    rules = current_rules()
    if rules.cap_messages and rules.cap_days and not campaign.ignores_cap:
        params["cap"] = rules.cap_messages
        params["cap_since"] = now - timedelta(days=rules.cap_days)
        parts.append(_when(_capped(moment), Reason.CAPPED))
    if campaign.holdout_percent and (is_before or is_entering):
        params["holdout"] = campaign.holdout_percent
        parts.append(_when(_HELD_OUT, Reason.HELD_OUT))
    if is_entering and not is_before:
        left = f"NOT EXISTS (SELECT {targeted()} AND m.contact_id = c.id)"
        parts.append(_when(left, Reason.LEFT))
    return parts, params


def _when(holds: str, reason: Reason) -> str:
    return f"CASE WHEN {holds} THEN '{reason.value}' END"


def states(them: Iterable[Message.State]) -> str:
    return f"({', '.join(str(int(one)) for one in them)})"


_EXCLUDED: Final = """EXISTS (
    SELECT FROM segments_membership x WHERE x.contact_id = c.id AND x.segment_id = ANY(%(excludes)s)
)"""

# The newest decision holds, and of two at the same time the withdrawal.
_CONSENT: Final = f"""(
    SELECT CASE max(k.at)
        WHEN max(k.at) FILTER (WHERE NOT k.subscribed) THEN '{Reason.UNSUBSCRIBED.value}'
        ELSE CASE WHEN count(*) = 0 THEN '{Reason.NOT_CONSENTED.value}' END
    END
    FROM contacts_consent k WHERE k.contact_id = c.id AND k.channel = %(channel)s
)"""

# What Suppression.Why calls it is what Reason does.
_SUPPRESSED: Final = "s.why"


def _address(reach: Reach) -> str:
    return f"""CASE
        WHEN {reach.is_missing} THEN '{Reason.NO_ADDRESS.value}'
        WHEN {reach.address} IS NULL THEN '{Reason.BAD_ADDRESS.value}'
    END"""


def had_since(again_days: int | None, *, now: datetime) -> datetime | None:
    """A message from before does not count any more; None: every one does."""
    return now - timedelta(days=again_days) if again_days else None


def had_message(*, contact: str, campaign: str, since: str) -> str:
    """Whether a message of a campaign for newcomers is on its way to the contact, or has come."""
    return f"""EXISTS (
        SELECT FROM campaigns_message m
        WHERE m.contact_id = {contact} AND m.campaign_id = {campaign} AND (
            m.state IN {states(COMING)}
            OR m.state IN {states(BROUGHT)} AND (
                {since} IS NULL OR coalesce(m.sent_at, m.claimed_at, m.due_at) > {since}
            )
        )
    )"""


def _had(*, is_entering: bool) -> str:
    if is_entering:
        return had_message(
            contact="c.id", campaign="%(campaign)s", since="%(had_since)s::timestamptz"
        )
    return """EXISTS (
        SELECT FROM campaigns_message m
        WHERE m.contact_id = c.id AND m.campaign_id = %(campaign)s
    )"""


def _capped(moment: Moment) -> str:
    """Its own claimed message does not count, and of two that are claimed the first one goes."""
    counted = f"o.state IN {states((STATE.CLAIMED, STATE.HANDING, *BROUGHT))}"
    if moment is Moment.SENDING:
        counted = f"""(
            o.state IN {states((STATE.HANDING, *BROUGHT))}
            OR o.state = {int(STATE.CLAIMED)} AND o.campaign_id <> %(campaign)s
                AND (o.claimed_at, o.campaign_id) < (
                    coalesce((
                        SELECT max(own.claimed_at) FROM campaigns_message own
                        WHERE own.contact_id = c.id AND own.campaign_id = %(campaign)s
                            AND own.state = {int(STATE.CLAIMED)}
                    ), 'infinity'),
                    %(campaign)s
                )
        )"""
    return f"""EXISTS (
        SELECT FROM campaigns_message o
        WHERE o.contact_id = c.id AND {counted}
            AND coalesce(o.sent_at, o.claimed_at) > %(cap_since)s
        OFFSET %(cap)s - 1
    )"""


# Whom it holds out is as good as drawn by lot, another time the same, and not the same for the next
# campaign.
_HELD_OUT: Final = (
    """mod(mod(hashint8extended(c.id, %(campaign)s), 100) + 100, 100) < %(holdout)s"""
)
