"""What those who delivered tell about messages: arrived, bounced, complained, failed, unsubscribed.

A report about a message that is unknown, or whose contact was erased, changes nothing, and
neither does one that comes twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from django.db import connection

from campaigns.channels.models import Suppression
from campaigns.channels.writing import said
from campaigns.keys import MessageKey
from campaigns.models import Message
from campaigns.suppressing import suppress
from campaigns.tracking.keys import current_key
from campaigns.tracking.unsubscribing import unsubscribe
from contacts.retrying import in_transaction

What = Literal["delivered", "bounced", "bounced_softly", "complained", "failed", "unsubscribed"]

COLUMNS: Final[dict[str, str]] = {
    "delivered": "delivered_at",
    "bounced": "bounced_at",
    "bounced_softly": "bounced_at",
    "complained": "complained_at",
}
WHYS: Final = {"bounced": Suppression.Why.BOUNCED, "complained": Suppression.Why.COMPLAINED}
"""Nothing more goes to the address. A mailbox that was only full for a while is no reason."""


class _Found(NamedTuple):
    key: MessageKey
    address: str


@in_transaction
def note(
    *,
    channel: str,
    provider_id: str = "",
    key: MessageKey | None = None,
    what: What,
    detail: str = "",
    at: datetime | None = None,
    now: datetime,
) -> bool:
    """Whether the report was about a message of ours and told something new.

    The message is found by our key, if the provider kept it for us, else by what the provider
    calls it. `detail` is what the provider said; the address is taken out of it.
    """
    found = _find(channel, provider_id, key and current_key(key))
    if found is None:
        return False
    happened = min(at or now, now)
    if what == "unsubscribed":
        return unsubscribe(key=found.key, now=happened)
    words = said(detail, address=found.address)
    if why := WHYS.get(what):
        suppress(channel=channel, address=found.address, why=why, at=happened, detail=words)
    if what == "failed":
        return _fail(found.key, words)
    return _mark(found.key, COLUMNS[what], happened, words)


def _find(channel: str, provider_id: str, key: MessageKey | None) -> _Found | None:
    """Of this channel only: each has a secret of its own to tell something."""
    provider_id = provider_id.replace("\0", "")
    if key is None and not provider_id:
        return None
    named = "(m.contact_id, m.campaign_id, m.occasion) = (%s, %s, %s)"
    by, values = (named, [*key]) if key else ("m.provider_id = %s", [provider_id])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT m.contact_id, m.campaign_id, m.occasion, m.address
            FROM campaigns_message m
            JOIN campaigns_campaign c ON c.id = m.campaign_id AND c.channel = %s
            WHERE {by}
            LIMIT 1
            """,
            [channel, *values],
        )
        row = cursor.fetchone()
    return None if row is None else _Found(MessageKey(*row[:3]), row[3])


def _mark(key: MessageKey, column: str, at: datetime, words: str) -> bool:
    """The first report of its kind counts. What arrived or came back has certainly been sent."""
    is_trouble = column != "delivered_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE campaigns_message
            SET {column} = %(at)s,
                error = CASE
                    WHEN %(trouble)s THEN %(words)s
                    WHEN state = %(unclear)s THEN ''
                    ELSE error
                END,
                sent_at = CASE WHEN state = %(unclear)s THEN coalesce(sent_at, claimed_at, %(at)s)
                    ELSE sent_at END,
                state = CASE WHEN state = %(unclear)s THEN %(sent)s ELSE state END
            WHERE (contact_id, campaign_id, occasion) = (%(contact)s, %(campaign)s, %(occasion)s)
                AND {column} IS NULL
            """,
            {
                "at": at,
                "trouble": is_trouble,
                "words": words,
                "unclear": Message.State.UNCLEAR,
                "sent": Message.State.SENT,
                "contact": key.contact_id,
                "campaign": key.campaign_id,
                "occasion": key.occasion,
            },
        )
        return bool(cursor.rowcount == 1)


def _fail(key: MessageKey, words: str) -> bool:
    """It was taken, but could not be passed on; what has arrived before has not failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message
            SET state = %s, error = %s
            WHERE (contact_id, campaign_id, occasion) = (%s, %s, %s)
                AND state IN (%s, %s) AND delivered_at IS NULL
            """,
            [Message.State.FAILED, words, *key, Message.State.SENT, Message.State.UNCLEAR],
        )
        return bool(cursor.rowcount == 1)
