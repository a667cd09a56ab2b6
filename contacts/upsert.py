"""Applies rows to contacts in memory, in their order; nothing here touches the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from contacts.identities import IdentityKey, identity_key
from contacts.problems import Problem
from contacts.rows import ANONYMOUS_ID, BUILT_IN, IDENTITIES, ContactRow
from contacts.stored import StoredContact

TYPED: Final = ("email", "phone")
"""What people type about themselves, or about others."""
NOTHING: Final = dict.fromkeys(BUILT_IN, "")


@dataclass(slots=True)
class Upsert:
    """What is stored, changed row by row; the caller writes what came out."""

    contacts: dict[int, StoredContact]
    owners: dict[IdentityKey, int]
    """As they are after the rows so far."""
    ids: Iterator[int]
    """For contacts that are new."""

    def apply(self, row: ContactRow) -> StoredContact | list[Problem]:
        """The contact with the row's values; or why it cannot have them, and nothing changes."""
        sent = _names(row)
        found = self._find(row, sent)
        if isinstance(found, Problem):
            return [found]
        if found and row.is_unproven:
            row = _only_new(found, row)
            sent = _names(row)
        if taken := self._taken(found, sent):
            return taken
        if found is None:
            return self._new(row, sent)
        contact = found
        row = self._under_its_name(contact, row, sent)
        self._give_identities(contact, row, sent)
        _give_values(contact, row)
        return contact

    def _find(
        self, row: ContactRow, sent: Mapping[str, IdentityKey]
    ) -> StoredContact | Problem | None:
        if row.id is not None:
            return self.contacts.get(row.id) or Problem(
                "id", "unknown_contact", f"There is no contact with the id {row.id}."
            )
        if not sent:
            said = "A contact needs one of id, external_id, email and phone."
            return Problem("", "no_identity", said)
        if row.found_by:
            return self._found_by(row.found_by, sent)
        for kind, key in sent.items():
            if key in self.owners and not (row.is_unproven and kind in TYPED):
                contact = self.contacts[self.owners[key]]
                return _someone_else(contact, kind, sent) or contact
        return None

    def _under_its_name(
        self, contact: StoredContact, row: ContactRow, sent: Mapping[str, IdentityKey]
    ) -> ContactRow:
        """Who is found by another name than the main one, as after a merge, keeps that."""
        if row.id is not None:
            return row
        owned = (kind for kind, key in sent.items() if self.owners.get(key) == contact.id)
        by = row.found_by or next(owned, "")
        main = contact.built_in.get(by)
        if not main or identity_key(by, main) == sent[by]:
            return row
        kept = {key: value for key, value in row.built_in.items() if key != by}
        return replace(row, built_in=kept)

    def _found_by(
        self, kind: str, sent: Mapping[str, IdentityKey]
    ) -> StoredContact | Problem | None:
        if kind not in sent:
            said = f"There is no {named_kind(kind)}, by which contacts are found here."
            return Problem(kind, "no_identity", said)
        owner = self.owners.get(sent[kind])
        return None if owner is None else self.contacts[owner]

    def _taken(
        self, contact: StoredContact | None, sent: Mapping[str, IdentityKey]
    ) -> list[Problem]:
        own = None if contact is None else contact.id
        owners = self.owners
        return [_identity_taken(kind) for kind, key in sent.items() if owners.get(key, own) != own]

    def _new(self, row: ContactRow, sent: Mapping[str, IdentityKey]) -> StoredContact:
        attributes = {key: value for key, value in row.attributes.items() if value is not None}
        contact = StoredContact(
            next(self.ids), {**NOTHING, **row.built_in}, attributes, is_new=True
        )
        self.contacts[contact.id] = contact
        for key in sent.values():
            self.owners[key] = contact.id
        return contact

    def _give_identities(
        self, contact: StoredContact, row: ContactRow, sent: Mapping[str, IdentityKey]
    ) -> None:
        for kind in IDENTITIES:
            if kind in row.built_in and contact.built_in[kind]:
                self.owners.pop(identity_key(kind, contact.built_in[kind]), None)
        self.owners |= dict.fromkeys(sent.values(), contact.id)


def _someone_else(
    contact: StoredContact, found_by: str, sent: Mapping[str, IdentityKey]
) -> Problem | None:
    """A shared email or phone does not turn one person into another with another external id."""
    # Whoever uses a browser without having signed in may change the email or phone.
    before = IDENTITIES[:1] if found_by == ANONYMOUS_ID else _before(found_by)
    for kind in before:
        stored = contact.built_in[kind]
        if kind in sent and stored and identity_key(kind, stored) != sent[kind]:
            return _identity_taken(found_by)
    return None


def _only_new(contact: StoredContact, row: ContactRow) -> ContactRow:
    """Without what the contact has already, when it is somebody who is known."""
    if not contact.built_in["external_id"]:
        return row
    return replace(
        row,
        built_in={key: value for key, value in row.built_in.items() if not contact.built_in[key]},
        attributes={
            key: value for key, value in row.attributes.items() if key not in contact.attributes
        },
    )


def _before(kind: str) -> tuple[str, ...]:
    return IDENTITIES[: IDENTITIES.index(kind)]


def _identity_taken(kind: str) -> Problem:
    said = f"This {named_kind(kind)} belongs to another contact."
    return Problem(kind, "identity_taken", said)


def named_kind(kind: str) -> str:
    return kind.replace("_", " ")


def _give_values(contact: StoredContact, row: ContactRow) -> None:
    for key, value in row.built_in.items():
        if contact.built_in[key] != value:
            contact.built_in[key] = value
            contact.changed.add(key)
    for key, value in row.attributes.items():
        if contact.attributes.get(key) == value:
            continue
        contact.changed.add(key)
        if value is None:
            del contact.attributes[key]
        else:
            contact.attributes[key] = value


def wanted_identities(rows: Iterable[ContactRow]) -> Iterator[IdentityKey]:
    for row in rows:
        yield from _names(row).values()


def _names(row: ContactRow) -> dict[str, IdentityKey]:
    """What a row names the contact by, in the order in which it is looked for."""
    sent = row.built_in
    names = {kind: identity_key(kind, sent[kind]) for kind in IDENTITIES if sent.get(kind)}
    if row.anonymous_id:
        names[ANONYMOUS_ID] = identity_key(ANONYMOUS_ID, row.anonymous_id)
    return names
