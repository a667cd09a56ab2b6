"""Somebody changes one contact by hand: stored like everything else, and told by the audit log.

The log has names of fields and no values, so that whoever is erased stands nowhere in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contacts.decisions import state_of
from contacts.merging import merge_contacts
from contacts.retrying import in_transaction
from contacts.rows import ContactRow
from contacts.services import UpsertResult, upsert_contacts
from segmentflow.audit.recording import record


@in_transaction
def change_contact(*, row: ContactRow, now: datetime) -> UpsertResult:
    """As `upsert_contacts`, of one that is there."""
    result = upsert_contacts(rows=[row], now=now)
    [contact_id] = result.contact_ids
    if contact_id is None:
        return result
    if names := sorted({*row.built_in, *row.attributes}):
        note_contact("changed", contact_id, said=", ".join(names), now=now)
    for one in row.consents:
        said = f"{one.channel} {state_of(subscribed=one.subscribed)}"
        record(action="changed", kind="consent", key=contact_id, said=said, now=now)
    return result


@in_transaction
def merge_by_hand(*, keep: int, lose: int, now: datetime) -> None:
    """As `merge_contacts`; raises Conflict."""
    merge_contacts(keep=keep, lose=lose, now=now)
    note_contact("merged", lose, said=f"into the contact {keep}", now=now)


def note_contact(action: str, contact_id: int, **more: Any) -> None:
    record(action=action, kind="contact", key=contact_id, **more)
