"""Names by which a contact is found besides its main ones: taken away again."""

from __future__ import annotations

from contacts.identities import IdentityKey, identity_key, release_identities
from contacts.locks import hold_rows_of
from contacts.models import Contact
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from contacts.rows import IDENTITIES
from segmentflow.audit.recording import record


@in_transaction
def remove_name(*, contact_id: int, key: IdentityKey) -> None:
    """Nobody is found by it any more. Raises Conflict for a main one, which is a field's value."""
    if not hold_rows_of([contact_id]):
        raise Conflict("This contact has been erased or merged meanwhile.")
    contact = Contact.objects.get(pk=contact_id)
    if key in {identity_key(kind, getattr(contact, kind)) for kind in IDENTITIES}:
        raise Conflict("This is the contact's main one: change or empty the field instead.")
    release_identities([(key, contact_id)])
    said = f"it is no longer found by one {key[0]}"
    record(action="changed", kind="contact", key=contact_id, said=said)
