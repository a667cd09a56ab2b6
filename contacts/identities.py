"""From a value to a contact: the one lookup that is not by the contact's id."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection

from segmentflow.arrays import numbers, texts

IdentityKey = tuple[str, str]
"""Kind and value, as they are stored in Identity."""


def identity_key(kind: str, value: str) -> IdentityKey:
    """One address is one contact, however its letters are written."""
    return (kind, value.lower()) if kind == "email" else (kind, value)


def find_owners(wanted: Iterable[IdentityKey]) -> dict[IdentityKey, int]:
    """The ids of the contacts that these belong to; those of nobody are left out."""
    keys = set(wanted)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.kind, i.value, i.contact_id
            FROM unnest(%s::text[], %s::text[]) AS wanted (kind, value)
            JOIN contacts_identity i ON i.kind = wanted.kind AND i.value = wanted.value
            """,
            [texts(kind for kind, _ in keys), texts(value for _, value in keys)],
        )
        return {(kind, value): contact_id for kind, value, contact_id in cursor.fetchall()}


def claim_identities(claims: Iterable[tuple[IdentityKey, int]]) -> bool:
    """Store whom values belong to; False when somebody else was quicker with one of them.

    In order, so that two requests with the same values wait one for the other and not both.
    After False the caller has to go back to a savepoint: it hardly ever happens, and letting
    the others be (ON CONFLICT) would cost every claim half as much again.
    """
    rows = list(claims)
    if not rows:
        return True
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                """
                INSERT INTO contacts_identity (kind, value, contact_id)
                SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
                    AS claim (kind, value, contact_id)
                ORDER BY kind COLLATE "C", value COLLATE "C"
                """,
                [
                    texts(kind for (kind, _), _ in rows),
                    texts(value for (_, value), _ in rows),
                    numbers(contact_id for _, contact_id in rows),
                ],
            )
        except IntegrityError:
            return False
    return True


def release_identities(released: Iterable[tuple[IdentityKey, int]]) -> None:
    """Values that no longer belong to these contacts."""
    rows = list(released)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM contacts_identity i
            USING unnest(%s::text[], %s::text[], %s::bigint[]) AS gone (kind, value, contact_id)
            WHERE i.kind = gone.kind AND i.value = gone.value AND i.contact_id = gone.contact_id
            """,
            [
                texts(kind for (kind, _), _ in rows),
                texts(value for (_, value), _ in rows),
                numbers(contact_id for _, contact_id in rows),
            ],
        )
