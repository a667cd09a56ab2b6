"""The types of the events that we record ourselves about messages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import connection

from contacts.models import Channel
from events.models import EventType
from events.withdrawing import UNSUBSCRIBE


class Sort(NamedTuple):
    key: str
    label: str
    description: str


OPEN: Final = Sort("MailOpen", "Mail opened", "An email was opened.")
CLICKS: Final = {
    Channel.EMAIL.value: Sort("MailClick", "Mail clicked", "A link in an email was followed."),
    Channel.SMS.value: Sort("SmsClick", "SMS clicked", "The link in a text message was followed."),
    Channel.PUSH.value: Sort("PushClick", "Push clicked", "A push message was followed."),
}
UNSUBSCRIBED: Final = Sort(UNSUBSCRIBE, "Unsubscribed", "Somebody asked for no more messages.")


def sorts_of(channel: str) -> list[Sort]:
    """What messages of a channel can bring about."""
    opened = [OPEN] if channel == Channel.EMAIL else []
    return [*opened, CLICKS[channel], UNSUBSCRIBED]


def register_sorts(sorts: Collection[Sort]) -> None:
    """Have them as system events; those that are there keep what people call them.

    Cheap when they are, so it is called at the start of a campaign and before each event: in
    between somebody may have deleted one. One that others sent before becomes a system event.
    """
    keys = {sort.key for sort in sorts}
    system = EventType.objects.filter(key__in=keys, origin=EventType.Origin.SYSTEM)
    if system.count() == len(keys):
        return
    wanted = sorted(set(sorts))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_eventtype AS known
                (key, label, description, origin, value_attribute, value_is_filled, attributes)
            SELECT sent.*, 'system', '', true, '{}'
            FROM unnest(%s::text[], %s::text[], %s::text[]) AS sent (key, label, description)
            ON CONFLICT (key) DO UPDATE SET
                origin = 'system',
                label = CASE known.label WHEN '' THEN excluded.label ELSE known.label END,
                description = CASE known.description
                    WHEN '' THEN excluded.description ELSE known.description END
            """,
            [
                [one.key for one in wanted],
                [one.label for one in wanted],
                [one.description for one in wanted],
            ],
        )
