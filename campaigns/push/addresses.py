"""Browsers in which contacts agreed to push messages: added, moved, forgotten, and read.

Who subscribes in a browser decides for that browser. So what was agreed to in a browser ends with
the contact's next withdrawal, also when somebody subscribes in another browser afterwards: who
only knows a user id cannot bring messages back to the browsers of somebody who wants none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import connection

from campaigns.channels.handing import Browser
from campaigns.push.subscriptions import digest_of
from campaigns.tracking.types import UNSUBSCRIBED, register_sorts
from contacts.changes import Change
from contacts.consents import consents_of, set_consents
from contacts.decisions import Decision
from contacts.identities import IdentityKey, find_owners
from contacts.locks import hold_rows_of
from contacts.models import Channel
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from events.locks import share_types
from events.rows import ContactRef, EventRow, new_message_id
from events.services import record_events
from segmentflow.templatetags.ui import count

MOST_BROWSERS: Final = 20
"""Of a contact: one more, and the one that was not heard of for longest is forgotten."""
ROUNDS: Final = 6
PUSH: Final = Channel.PUSH.value


def held(consents: str = "contacts_consent") -> str:
    """SQL: what was agreed to in a browser `p` has not been withdrawn since."""
    return f"""
    NOT EXISTS (
        SELECT FROM {consents} c
        WHERE c.contact_id = p.contact_id AND c.channel = 'push' AND NOT c.subscribed
            AND c.at >= p.created_at
    )
    """


@in_transaction
def subscribe(
    *, owner: IdentityKey, browser: Browser, agent: str, source: str, now: datetime
) -> None:
    """Somebody agrees, in this browser, to push messages for the contact with that name.

    Raises Conflict when there is no such contact (any more).
    """
    contact_id = _held_owner(owner)
    _store(contact_id, browser, agent, agreed_at=_after_withdrawals(contact_id, now), now=now)
    _tidy(contact_id)
    set_consents(decisions=[(contact_id, Decision(PUSH, subscribed=True, source=source))], now=now)


@in_transaction
def renew(*, owner: IdentityKey, browser: Browser, agent: str, now: datetime) -> None:
    """The browser is still there, and this contact uses it now. That decides nothing anew.

    One that is not known here is stored only if its contact wants messages anyway.
    """
    contact_id = _held_owner(owner)
    held = consents_of([contact_id]).get(contact_id, {}).get(PUSH)
    is_wanted = held is not None and held.subscribed
    if agreed_at := _known_since(browser) or (now if is_wanted else None):
        _store(contact_id, browser, agent, agreed_at=agreed_at, now=now)
        _tidy(contact_id)


def _known_since(browser: Browser) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT created_at FROM campaigns_pushaddress WHERE digest = %s FOR UPDATE",
            [browser.digest],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _held_owner(owner: IdentityKey) -> int:
    """Nobody erases or merges the contact until the commit."""
    for _ in range(ROUNDS):
        contact_id = find_owners([owner]).get(owner)
        if contact_id is None:
            break
        if hold_rows_of([contact_id]) and find_owners([owner]).get(owner) == contact_id:
            return contact_id
    raise Conflict("Others change the same contact all the time.")


def _held_contact(digest: str) -> int | None:
    """Whose the browser is, both held: the contact first, as erasing does. None: it is nobody's."""
    for _ in range(ROUNDS):
        contact_id = _contact_of(digest)
        if contact_id is None:
            return None
        if hold_rows_of([contact_id]) and _contact_of(digest, "FOR UPDATE") == contact_id:
            return contact_id
    raise Conflict("Others change the same contact all the time.")


def _contact_of(digest: str, hold: str = "") -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT contact_id FROM campaigns_pushaddress WHERE digest = %s {hold}", [digest]
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _after_withdrawals(contact_id: int, now: datetime) -> datetime:
    """Whatever the clocks say, it was agreed to after what was withdrawn until now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT GREATEST(%s, max(at) + interval '1 microsecond') FROM contacts_consent
            WHERE contact_id = %s AND channel = 'push' AND NOT subscribed
            """,
            [now, contact_id],
        )
        [at] = cursor.fetchone()
        assert isinstance(at, datetime)  # noqa: S101 (an aggregate has a row)
        return at


def _store(
    contact_id: int, browser: Browser, agent: str, *, agreed_at: datetime, now: datetime
) -> None:
    """A browser belongs to whom it told last."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_pushaddress
                (digest, contact_id, endpoint, p256dh, auth, agent, created_at, seen_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (digest) DO UPDATE
            SET contact_id = excluded.contact_id, p256dh = excluded.p256dh, auth = excluded.auth,
                agent = excluded.agent, created_at = excluded.created_at, seen_at = excluded.seen_at
            """,
            [
                browser.digest,
                contact_id,
                browser.endpoint,
                browser.p256dh,
                browser.auth,
                agent,
                agreed_at,
                now,
            ],
        )


def _tidy(contact_id: int) -> None:
    """Forget what was withdrawn, and what is too many."""
    with connection.cursor() as cursor:
        # Asked for apart: on a cluster consents are not where browsers are.
        cursor.execute(
            """
            SELECT max(at) FROM contacts_consent
            WHERE contact_id = %s AND channel = 'push' AND NOT subscribed
            """,
            [contact_id],
        )
        (withdrawn_at,) = cursor.fetchone()
        cursor.execute(
            "DELETE FROM campaigns_pushaddress WHERE contact_id = %s AND created_at <= %s",
            [contact_id, withdrawn_at],
        )
        cursor.execute(
            """
            DELETE FROM campaigns_pushaddress WHERE digest IN (
                SELECT digest FROM campaigns_pushaddress WHERE contact_id = %s
                ORDER BY seen_at DESC, created_at DESC, digest OFFSET %s
            )
            """,
            [contact_id, MOST_BROWSERS],
        )


@in_transaction
def replace_browser(*, before: str, browser: Browser, now: datetime) -> None:
    """The browser has another endpoint now; whose it is and what they agreed to stays.

    Whoever knows the endpoint of before is that browser: nobody else is told it.
    """
    digest = digest_of(before)
    contact_id = _held_contact(digest)
    if contact_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM campaigns_pushaddress WHERE digest = %s RETURNING agent, created_at",
            [digest],
        )
        agent, agreed_at = cursor.fetchone()
    _store(contact_id, browser, agent, agreed_at=agreed_at, now=now)


@in_transaction
def unsubscribe(*, endpoint: str, now: datetime) -> None:
    """Forget the browser; with the last one of a contact, the consent is withdrawn."""
    share_types()  # before any row is held
    digest = digest_of(endpoint)
    # Held before others are looked for, so that of two that go at once one is the last.
    contact_id = _held_contact(digest)
    if contact_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM campaigns_pushaddress WHERE digest = %s", [digest])
    if browsers_of([contact_id]):
        return
    held = consents_of([contact_id]).get(contact_id, {}).get(PUSH)
    if held is None or not held.subscribed:
        return
    register_sorts([UNSUBSCRIBED])
    event = EventRow(
        ContactRef("id", contact_id), UNSUBSCRIBED.key, now, new_message_id(now), {"channel": PUSH}
    )
    record_events(rows=[event], now=now)


def forget_browsers(digests: Collection[str]) -> None:
    """Those whose push services say that they are gone. That is nobody's decision."""
    if digests:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM campaigns_pushaddress WHERE digest = ANY(%s)", [list(digests)]
            )


def merge_browsers(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts, after their consents."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_pushaddress SET contact_id = %s WHERE contact_id = %s", [keep, lose]
        )
    _tidy(keep)
    return []


def browsers_foretold(keep: int, lose: int) -> list[str]:
    """How many browsers would move to the contact that is kept."""
    moving = len(browsers_of([lose]).get(lose, ()))
    return [f"{count(moving, 'browser')} with push messages will be moved."] if moving else []


def browsers_of(contact_ids: Collection[int]) -> dict[int, tuple[Browser, ...]]:
    """Where push messages of these contacts go, the latest seen first; others have no entry."""
    found: dict[int, tuple[Browser, ...]] = {}
    if not contact_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH theirs AS (SELECT * FROM contacts_consent WHERE contact_id = ANY(%(contacts)s))
            SELECT contact_id, digest, endpoint, p256dh, auth FROM campaigns_pushaddress p
            WHERE contact_id = ANY(%(contacts)s) AND {held("theirs")}
            ORDER BY contact_id, seen_at DESC, digest
            """,
            {"contacts": list(contact_ids)},
        )
        for contact_id, *values in cursor.fetchall():
            found[contact_id] = (*found.get(contact_id, ()), Browser(*values))
    return found
