"""Two contacts who are one person: one is kept and gets what the other one had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from contacts.changes import Change, Kind, record_changes
from contacts.erasure import forget_contacts
from contacts.locks import hold_buckets_of, hold_rows_of, share_everybody, share_fields
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from contacts.retyping.settling import hold_values
from contacts.rows import BUILT_IN
from contacts.stored import StoredContact, hold_contacts, update_contacts
from contacts.upsert import TYPED

Merger = Callable[[int, int], Iterable[Change]]
"""From the contact that is kept and the one that is lost to what changed about the former."""
Locker = Callable[[], None]
Foretelling = Callable[[int, int], Sequence[str]]
"""From the same two to what will happen, in words."""


@dataclass(frozen=True, slots=True)
class _Registered:
    merger: Merger
    foretell: Foretelling
    locker: Locker | None


_mergers: list[_Registered] = []


def on_merge(merger: Merger, *, foretell: Foretelling, locker: Locker | None = None) -> None:
    """Have `merger` move what it knows about a contact, in the transaction that merges it.

    It runs while both contacts and their buckets are held: nobody evaluates them or stores
    anything about them meanwhile. `locker` takes the locks that have to be taken before
    those on rows (segments/engine/locks.py).
    """
    registered = _Registered(merger, foretell, locker)
    if registered not in _mergers:
        _mergers.append(registered)


def foretold(*, keep: int, lose: int) -> list[str]:
    """What other apps would move, for people who are asked whether to merge."""
    return [said for one in _mergers for said in one.foretell(keep, lose)]


@dataclass(frozen=True, slots=True)
class Filled:
    """The values that the kept contact lacks and the other one has."""

    built_in: Mapping[str, str]
    attributes: Mapping[str, Any]


def filled(
    *,
    keep: tuple[Mapping[str, str], Mapping[str, Any]],
    lose: tuple[Mapping[str, str], Mapping[str, Any]],
) -> Filled:
    """What is taken over; of each, the built-in values and the attributes."""
    (built_in, attributes), (other_built_in, other_attributes) = keep, lose
    return Filled(
        {key: other_built_in[key] for key in BUILT_IN if other_built_in[key] and not built_in[key]},
        {key: value for key, value in other_attributes.items() if key not in attributes},
    )


@in_transaction
def merge_contacts(
    *,
    keep: int,
    lose: int,
    now: datetime,
    only_nameless: bool = False,
    is_unproven: bool = False,
) -> None:
    """Give all that is known about `lose` to `keep`, whose own values win; `lose` is no more.

    Whoever sends something to one of the values that `lose` was known by reaches `keep`,
    from this moment on and also if it was sent before. Raises Conflict when there are not
    two contacts (any more); with `only_nameless`, also when `lose` has an external id, so
    that it is certainly somebody else; with `is_unproven`, when both have an email or both
    a phone, because then somebody who may be anybody says that they are one.
    """
    if keep == lose:
        raise Conflict("A contact cannot be merged with itself.")
    share_everybody()
    hold_buckets_of([keep, lose])
    for one in _mergers:
        if one.locker is not None:
            one.locker()
    share_fields()  # so that no field that is deleted meanwhile leaves values behind
    if gone := {keep, lose} - set(hold_rows_of([keep, lose])):
        raise Conflict(f"There is no contact with the id {min(gone)} any more.")
    hold_values([keep, lose])  # so that no value of a type of before is taken over
    held = hold_contacts([keep, lose])
    if only_nameless and held[lose].built_in["external_id"]:
        raise Conflict("Both have an external id, so they are two people.")
    if is_unproven and any(
        held[keep].built_in[kind] and held[lose].built_in[kind] for kind in TYPED
    ):
        raise Conflict("Each has an email or phone of its own, so they may be two people.")
    changes = [*_take_values(held[keep], held[lose], now)]
    for one in _mergers:
        changes += one.merger(keep, lose)
    _take_identities(keep, lose)
    forget_contacts([lose])
    record_changes(changes)


def _take_values(kept: StoredContact, lost: StoredContact, now: datetime) -> Iterable[Change]:
    taken = filled(keep=_values(kept), lose=_values(lost))
    kept.built_in |= taken.built_in
    kept.attributes |= taken.attributes
    update_contacts([kept], now=now)
    keys = sorted({*taken.built_in, *taken.attributes})
    if _became_older(kept.id, lost.id):
        keys.append("created_at")
    return [Change(kept.id, Kind.FIELD, key) for key in keys]


def _values(contact: StoredContact) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    return contact.built_in, contact.attributes


def _became_older(keep: int, lose: int) -> bool:
    """The earlier of both creation dates is kept; the other one goes with the lost contact,
    so that what is counted by day (segmentflow/tallies.py) stays right."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, created_at FROM contacts_contact WHERE id IN (%s, %s)", [keep, lose]
        )
        created = dict(cursor.fetchall())
        if created[keep] <= created[lose]:
            return False
        cursor.execute(
            """
            UPDATE contacts_contact SET created_at = CASE id WHEN %s THEN %s::timestamptz ELSE %s END
            WHERE id IN (%s, %s)
            """,
            [keep, created[lose], created[keep], keep, lose],
        )
    return True


def _take_identities(keep: int, lose: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_identity SET contact_id = %s WHERE contact_id = %s", [keep, lose]
        )
