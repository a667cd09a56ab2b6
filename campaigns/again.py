"""Sending again what may not have arrived: nothing does that by itself, people do."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from campaigns.delivery.steering import send_again
from campaigns.models import Campaign, Message
from segmentflow.models import User

STATES: Final = {"unclear": Message.State.UNCLEAR, "failed": Message.State.FAILED}

Status = Campaign.Status
WHILE: Final = (Status.SENDING, Status.LIVE, Status.PAUSED, Status.DONE)
"""When it may be done, as steering.send_again has it."""

Key = tuple[int, int]
"""Contact and occasion."""


def count_again(*, campaign: Campaign, state: str, key: Key | None = None) -> int:
    """How many would be sent again."""
    found = Message.objects.filter(campaign=campaign, state=STATES[state])
    if key is not None:
        found = found.filter(contact_id=key[0], occasion=key[1])
    return found.count()


@transaction.atomic
def again(
    *, campaign: Campaign, state: str, now: datetime, by: User | None, key: Key | None = None
) -> int:
    """All in that state, or one of them; answers to how many. Raises Conflict."""
    found = Message.objects.filter(campaign=campaign, state=STATES[state])
    if key is not None:
        found = found.filter(contact_id=key[0], occasion=key[1])
    keys = list(found.order_by("contact_id", "occasion").values_list("contact_id", "occasion"))
    return send_again(campaign=campaign, keys=keys, now=now, by=by)
