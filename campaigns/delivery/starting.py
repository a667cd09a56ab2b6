"""The start of a campaign: what is sent is frozen, and to whom.

All of it is one transaction that holds the campaign, so a start happens as a whole or not at all,
and once, however often and from wherever it is asked for. The kind NOW freezes its recipients with
the start; the kind AT when its time comes (planning.py); the kind ENTERING has none until contacts
enter (entering.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns.audience.statement import question
from campaigns.auditing import note
from campaigns.channels.ways import frozen_way, way_of
from campaigns.delivery.planning import (
    ZONE_JOIN,
    plan_recipients,
    zone_at_start,
)
from campaigns.models import Campaign, Message
from campaigns.readiness import Problem, problems_of
from campaigns.rules import current_rules
from campaigns.tracking.types import register_sorts, sorts_of
from campaigns.wakes import wake
from contacts.locks import keep_everybody, share_fields
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from segmentflow.clock import workspace_zone
from segmentflow.models import User

Kind, Status = Campaign.Kind, Campaign.Status
WAITING, LEFT_OUT = int(Message.State.WAITING), int(Message.State.LEFT_OUT)


class NotReady(Exception):
    """The campaign cannot be started as it is, with everything that keeps it from that."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


@in_transaction
def start(*, campaign: Campaign, now: datetime, by: User | None) -> None:
    """Make a draft send, wait for its time, or wait for contacts that enter.

    Raises NotReady, or Conflict when it has been started already or deleted.
    """
    keep_everybody()
    share_fields()  # before the row; what the message names stays until it is known to be used
    held = _held(campaign)
    if held is None:
        raise Conflict("This campaign has been deleted.")
    if held.status != Status.DRAFT:
        raise Conflict("This campaign has been started already.")
    problems = [one for one in problems_of(campaign=held, now=now) if not one.is_warning]
    if problems:
        raise NotReady(problems)
    # From now on segments can ask for what comes back.
    register_sorts(sorts_of(held.channel))
    zone = workspace_zone()
    held.frozen = {
        "content": held.content,
        "way": frozen_way(way_of(held.channel)),
        "zone": zone.key,
    }
    held.owner, held.started_by = held.owner or by, by
    match held.kind:
        case Kind.NOW:
            _begin(held, zone=zone, now=now)
        case Kind.AT:
            held.status = Status.SCHEDULED
        case Kind.ENTERING:
            _note_versions(held)
            held.status, held.started_at = Status.LIVE, now
    held.save()
    note("started", held, said=Status(held.status).label.lower(), now=now)
    campaign.refresh_from_db()


@in_transaction
def freeze_recipients(*, campaign: Campaign, now: datetime) -> bool:
    """Have a scheduled campaign begin to send, to those who are its recipients now.

    False when it is not scheduled any more: somebody else did it, or it was paused or cancelled.
    """
    keep_everybody()
    held = _held(campaign)
    if held is None or held.status != Status.SCHEDULED:
        return False
    _begin(held, zone=zone_at_start(held), now=now)
    held.save()
    note("started", held, said="its time came", now=now)
    campaign.refresh_from_db()
    return True


def _held(campaign: Campaign) -> Campaign | None:
    return Campaign.objects.select_for_update().filter(pk=campaign.pk).first()


def _begin(campaign: Campaign, *, zone: ZoneInfo, now: datetime) -> None:
    _freeze(campaign, zone=zone, now=now)
    campaign.status, campaign.started_at = Status.SENDING, now
    transaction.on_commit(wake)


def _freeze(campaign: Campaign, *, zone: ZoneInfo, now: datetime) -> None:
    """A message for each targeted contact, with the reason of those who get none.

    The members and the versions that they follow are read in one statement, so they belong together
    even while a segment is being rebuilt; and nobody is erased between the two (keep_everybody).
    """
    asked = question(campaign=campaign, now=now)
    plan = plan_recipients(campaign=campaign, rules=current_rules(), zone=zone, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH judged AS ({asked.near()}),
            versions AS ({_VERSIONS})
            INSERT INTO campaigns_message
                (contact_id, campaign_id, occasion, state, reason, due_at)
            SELECT contact_id, %(campaign)s, 0,
                CASE reason WHEN '' THEN {WAITING} ELSE {LEFT_OUT} END,
                reason,
                CASE reason WHEN '' THEN coalesce(zone.due_at, %(due)s) END
            FROM judged
            {ZONE_JOIN.format(timezone="judged.timezone")}
            -- Sorted, so that everybody is judged before the first row is added: what is looked up
            -- in this table for each contact must not have to pass over the rows that come in.
            ORDER BY judged.reason, judged.contact_id
            ON CONFLICT DO NOTHING
            """,
            asked.params | plan.params,
        )


_VERSIONS = """
    UPDATE campaigns_campaigntarget t SET version_id = s.live_version_id
    FROM segments_segment s
    WHERE s.id = t.segment_id AND t.campaign_id = %(campaign)s
"""


def _note_versions(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"campaign": campaign.pk})
