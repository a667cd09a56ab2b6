"""One value of a contact changed where it stands, never over what somebody else stored meanwhile."""

from __future__ import annotations

from datetime import datetime

from contacts.contact_form import ContactForm, as_text
from contacts.identities import find_owners, identity_key
from contacts.locks import share_fields
from contacts.models import Contact
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from contacts.rows import IDENTITIES
from contacts.showing import BELOW
from contacts.stored import StoredContact, hold_contacts


class Clash(Exception):
    """The value is not what was shown any more; `stored` is what it is now, as it is typed."""

    def __init__(self, stored: str) -> None:
        self.stored = stored
        super().__init__(stored)


@in_transaction
def save_value(*, form: ContactForm, name: str, now: datetime) -> bool:
    """Store what was typed; False when the form says why not. Raises Clash, or Conflict when
    the contact is no more."""
    if not form.is_valid():
        return False
    if not form.changed_data:
        return True
    share_fields()
    stored = hold_contacts([form.contact.pk]).get(form.contact.pk)
    if stored is None:
        raise Conflict("This contact has been erased or merged meanwhile.")
    now_there = _text_of(stored, form, name)
    if form.fields[name].has_changed(now_there, shown(form, name)) and form.fields[
        name
    ].has_changed(now_there, form.cleaned_data[name]):
        raise Clash(now_there)
    return form.save(now=now)


def shown(form: ContactForm, name: str) -> str:
    """What the form had when it was opened, which it sends along."""
    if not form.is_bound:
        return str(form.initial[name] or "")
    widget = form.fields[name].hidden_widget()
    return str(
        widget.value_from_datadict(form.data, form.files, form[name].html_initial_name) or ""
    )


def _text_of(stored: StoredContact, form: ContactForm, name: str) -> str:
    if name not in form.types:
        return stored.built_in[name]
    return as_text(stored.attributes.get(name.removeprefix(BELOW)), form.types[name])


def owner_of(form: ContactForm, name: str) -> Contact | None:
    """The other contact whom an identity belongs to that was refused."""
    if name not in IDENTITIES or not any(one.code == "identity_taken" for one in form.problems):
        return None
    key = identity_key(name, form.cleaned_data.get(name) or form.data.get(name, ""))
    return Contact.objects.filter(pk__in=find_owners([key]).values()).first()
