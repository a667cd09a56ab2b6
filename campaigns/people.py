"""What campaigns do with contacts that are erased or merged.

Erased: everything that was sent to them goes, and each campaign keeps only how many there were.
Suppressed addresses stay, as digests: they protect whoever has the address from being written to.
Copies of tests in the outbox do not say whose values they show, so all of them go.

Merged: the kept contact gets the messages of the other one, with what came back. Where both had
one of the same campaign for the same occasion, the one stays that got furthest: sent before
perhaps sent, before waiting, before failed, before left out; and of two that were sent, the one
of the kept contact, with the earlier times of both. So nobody gets a second one. The links in
what was sent go on working (FormerContact): short links that both had stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

from campaigns.models import Message
from contacts.changes import Change
from segmentflow.templatetags.ui import count

State = Message.State
FURTHEST_FIRST: Final = [
    State.SENT,
    State.HANDING,
    State.UNCLEAR,
    State.CLAIMED,
    State.WAITING,
    State.FAILED,
    State.LEFT_OUT,
    State.CANCELLED,
]
TIMES: Final = (
    "delivered_at",
    "opened_at",
    "clicked_at",
    "unsubscribed_at",
    "bounced_at",
    "complained_at",
)
WITH_CONTACT: Final = (
    "campaigns_click",
    "campaigns_shortlink",
    "campaigns_outboxmessage",
    "campaigns_pushaddress",
    "campaigns_formercontact",
)


def erase_messages(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT former_id FROM campaigns_formercontact WHERE contact_id = ANY(%s)",
            [list(contact_ids)],
        )
        ids = [*contact_ids, *(former_id for (former_id,) in cursor.fetchall())]
        cursor.execute(
            "DELETE FROM campaigns_message WHERE contact_id = ANY(%s) RETURNING campaign_id", [ids]
        )
        _count_erased([campaign_id for (campaign_id,) in cursor.fetchall()])
        for table in WITH_CONTACT:
            cursor.execute(f"DELETE FROM {table} WHERE contact_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM campaigns_outboxmessage WHERE is_test")
        cursor.execute("DELETE FROM campaigns_noted WHERE contact_id = ANY(%s)", [ids])


def merge_messages(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts."""
    if _has_been_written_to(lose):
        _remember(keep, lose)
        _drop_doubles(keep, lose)
        _move(keep, lose)
    return []


def messages_foretold(keep: int, lose: int) -> list[str]:
    """How many messages would move, and how many both had."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE k.contact_id IS NULL), count(k.contact_id)
            FROM campaigns_message l LEFT JOIN campaigns_message k
                ON k.contact_id = %s AND (k.campaign_id, k.occasion) = (l.campaign_id, l.occasion)
            WHERE l.contact_id = %s
            """,
            [keep, lose],
        )
        moving, common = cursor.fetchone()
    said = [f"{count(moving, 'message')} of campaigns will be moved."] if moving else []
    if common:
        said.append(f"{count(common, 'message')} that both had will be there once.")
    return said


def _count_erased(campaign_ids: Sequence[int]) -> None:
    """In order, so that two requests cannot wait for each other."""
    amounts = {one: campaign_ids.count(one) for one in sorted(set(campaign_ids))}
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE campaigns_campaign SET erased = erased + %s WHERE id = %s",
            [(amount, campaign_id) for campaign_id, amount in amounts.items()],
        )


def _has_been_written_to(contact_id: int) -> bool:
    tables = ("campaigns_message", *WITH_CONTACT)
    anywhere = " OR ".join(
        f"EXISTS (SELECT FROM {table} WHERE contact_id = %(id)s)" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {anywhere}", {"id": contact_id})
        return bool(cursor.fetchone()[0])


def _remember(keep: int, lose: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_formercontact SET contact_id = %s WHERE contact_id = %s",
            [keep, lose],
        )
        cursor.execute(
            "INSERT INTO campaigns_formercontact (former_id, contact_id) VALUES (%s, %s)",
            [lose, keep],
        )


def _drop_doubles(keep: int, lose: int) -> None:
    """Of messages that both had, the one that got less far; the other one takes its times."""
    taken = ", ".join(f"{name} = least(m.{name}, d.{name})" for name in TIMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH doubles AS (
                SELECT k.campaign_id, k.occasion,
                    array_position(%(order)s::int[], l.state::int)
                        < array_position(%(order)s::int[], k.state::int) AS is_lost_further
                FROM campaigns_message k JOIN campaigns_message l
                    ON l.contact_id = %(lose)s
                    AND (l.campaign_id, l.occasion) = (k.campaign_id, k.occasion)
                WHERE k.contact_id = %(keep)s
            ),
            dropped AS (
                DELETE FROM campaigns_message m USING doubles
                WHERE m.contact_id
                        = CASE WHEN doubles.is_lost_further THEN %(keep)s ELSE %(lose)s END
                    AND (m.campaign_id, m.occasion) = (doubles.campaign_id, doubles.occasion)
                RETURNING m.*
            ),
            told AS (
                UPDATE campaigns_message m SET {taken} FROM dropped d
                WHERE m.contact_id IN (%(keep)s, %(lose)s) AND m.contact_id <> d.contact_id
                    AND (m.campaign_id, m.occasion) = (d.campaign_id, d.occasion)
            )
            SELECT campaign_id FROM dropped
            """,
            {"keep": keep, "lose": lose, "order": [int(state) for state in FURTHEST_FIRST]},
        )
        _count_erased([campaign_id for (campaign_id,) in cursor.fetchall()])


def _move(keep: int, lose: int) -> None:
    names = {"keep": keep, "lose": lose}
    with connection.cursor() as cursor:
        for table in ("campaigns_message", "campaigns_click"):
            cursor.execute(
                f"UPDATE {table} SET contact_id = %(keep)s WHERE contact_id = %(lose)s", names
            )
        cursor.execute(
            """
            UPDATE campaigns_shortlink l SET contact_id = %(keep)s
            WHERE l.contact_id = %(lose)s AND NOT EXISTS (
                SELECT FROM campaigns_shortlink k
                WHERE k.contact_id = %(keep)s
                    AND (k.campaign_id, k.occasion, k.url) = (l.campaign_id, l.occasion, l.url)
            )
            """,
            names,
        )
        cursor.execute(
            """
            DELETE FROM campaigns_outboxmessage l USING campaigns_outboxmessage k
            WHERE l.contact_id = %(lose)s AND k.contact_id = %(keep)s
                AND (k.campaign_id, k.occasion) = (l.campaign_id, l.occasion)
                AND NOT k.is_test AND NOT l.is_test
            """,
            names,
        )
        cursor.execute(
            "UPDATE campaigns_outboxmessage SET contact_id = %(keep)s WHERE contact_id = %(lose)s",
            names,
        )
