"""From one state of a campaign to another: paused, gone on with, cancelled, begun in time, done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from campaigns.auditing import note
from campaigns.delivery.looking import What, look
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from campaigns.words import messages_of
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from segmentflow.models import User

BITE: Final = 5_000
"""Messages cancelled in one transaction."""

Kind, Status, State = Campaign.Kind, Campaign.Status, Message.State


@transaction.atomic
def pause(*, campaign: Campaign, now: datetime, by: User | None) -> None:
    """From the next message on nothing is sent, until it is gone on with. Raises Conflict."""
    held = _held(campaign)
    if held.status not in (Status.SCHEDULED, Status.SENDING, Status.LIVE):
        raise Conflict(f"“{held.name}” is not being sent, so it cannot be paused.")
    _become(campaign, Status.PAUSED)
    note("paused", held, now=now)


@transaction.atomic
def resume(*, campaign: Campaign, now: datetime, by: User | None) -> None:
    """Go on with a campaign that was paused. Raises Conflict."""
    held = _held(campaign)
    if held.status != Status.PAUSED:
        raise Conflict(f"“{held.name}” is not paused.")
    _become(campaign, _going(held))
    note("resumed", held, now=now)


def cancel(*, campaign: Campaign, now: datetime, by: User | None) -> None:
    """From the next message on nothing is sent, and nothing ever will be. Raises Conflict."""
    with transaction.atomic():
        held = _held(campaign)
        if held.status not in (Status.SCHEDULED, Status.SENDING, Status.LIVE, Status.PAUSED):
            raise Conflict(f"“{held.name}” is not being sent, so it cannot be cancelled.")
        _become(campaign, Status.CANCELLED, ended_at=now)
        note("cancelled", held, now=now)
    # Senders see the commit at once; of a large campaign the rest follows (tidy_cancelled).
    _cancel_some(campaign.pk)


def send_again(
    *, campaign: Campaign, keys: list[tuple[int, int]], now: datetime, by: User | None
) -> int:
    """Send to some (contact, occasion) of whom it is not known whether they got it, or who did not.

    Nothing does this by itself. Answers to how many; whoever may not have it any more is left
    out once it is their turn. Raises Conflict.
    """
    with transaction.atomic():
        held = _held(campaign)
        if held.status not in (Status.SENDING, Status.LIVE, Status.PAUSED, Status.DONE):
            raise Conflict(f"“{held.name}” is not being sent, so nothing can be sent again.")
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE campaigns_message m
                SET state = 0, due_at = %s, attempts = 0, error = '', sent_at = NULL
                FROM unnest(%s::bigint[], %s::bigint[]) AS k (contact_id, occasion)
                WHERE m.contact_id = k.contact_id AND m.campaign_id = %s
                    AND m.occasion = k.occasion AND m.state IN (4, 5)
                """,
                [now, [key[0] for key in keys], [key[1] for key in keys], campaign.pk],
            )
            count = int(cursor.rowcount)
        if count and held.status == Status.DONE:
            _become(campaign, Status.SENDING, ended_at=None)
        if count:
            note("sent again", held, said=messages_of(count), now=now)
    return count


def start_scheduled(now: datetime, *, begin: Callable[[Campaign, datetime], None]) -> int:
    """Begin those whose time has come, with `begin`; answers how many."""
    due = [one.campaign_id for one in look(now) if one.what is What.BEGIN and one.at <= now]
    return sum(_begin(pk, now, begin) for pk in due)


@in_transaction
def _begin(pk: int, now: datetime, begin: Callable[[Campaign, datetime], None]) -> bool:
    held = Campaign.objects.select_for_update().filter(pk=pk, status=Status.SCHEDULED).first()
    if held is None:
        return False
    begin(held, now)
    return True


def end_done(now: datetime) -> int:
    """Campaigns of whom nothing is left to send have been sent; answers how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_campaign c SET status = 'done', ended_at = %s
            WHERE c.status = 'sending' AND NOT EXISTS (
                SELECT FROM campaigns_message WHERE campaign_id = c.id AND state = 0
            ) AND NOT EXISTS (
                SELECT FROM campaigns_message WHERE campaign_id = c.id AND state = 1
            ) AND NOT EXISTS (
                SELECT FROM campaigns_message WHERE campaign_id = c.id AND state = 2
            )
            """,
            [now],
        )
        return int(cursor.rowcount)


def tidy_cancelled(goes_on: Callable[[], bool]) -> None:
    """What still waits of campaigns that were cancelled."""
    for pk in Campaign.objects.filter(status=Status.CANCELLED).values_list("pk", flat=True):
        while goes_on() and _cancel_some(pk):
            pass


@in_transaction
def _cancel_some(pk: int) -> int:
    """What a sender has claimed he releases himself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message m SET state = 7, reason = %s
            FROM (
                SELECT contact_id, campaign_id, occasion FROM campaigns_message
                WHERE campaign_id = %s AND state = 0
                LIMIT %s
                FOR UPDATE SKIP LOCKED
            ) w
            WHERE m.contact_id = w.contact_id AND m.campaign_id = w.campaign_id
                AND m.occasion = w.occasion
            """,
            [Reason.STOPPED, pk, BITE],
        )
        return int(cursor.rowcount)


def _held(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def _going(campaign: Campaign) -> Campaign.Status:
    if campaign.kind == Kind.ENTERING:
        return Status.LIVE
    is_begun = Message.objects.filter(campaign_id=campaign.pk).exists()
    return Status.SENDING if is_begun or campaign.kind == Kind.NOW else Status.SCHEDULED


def _become(campaign: Campaign, status: Campaign.Status, **also: datetime | None) -> None:
    """Also of the object that the caller has."""
    for name, value in {"status": status, **also}.items():
        setattr(campaign, name, value)
    Campaign.objects.filter(pk=campaign.pk).update(status=status, **also)
