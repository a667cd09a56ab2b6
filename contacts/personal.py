"""All that is known about one person, to be handed out: each app contributes what it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from contacts.built_in import LABELS
from contacts.consents import consents_of
from contacts.decisions import state_of
from contacts.identities import identity_key
from contacts.models import Consent, Contact, Field, Identity
from contacts.retyping.models import OldValue
from contacts.rows import BUILT_IN, IDENTITIES
from segmentflow.api.bodies import encode_json
from segmentflow.api.rendering import as_text
from segmentflow.models import User

Read = Callable[[Contact], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    """Of the member of the file."""
    read: Read
    """Rows, read while they are written, however many there are."""
    models: tuple[str, ...]
    """What it tells of, such as `events.event`."""
    needs: tuple[str, ...] = ()
    """Permissions."""


_sections: list[Section] = []


def on_export_person(section: Section) -> None:
    """Have the file hold `section`, too."""
    if section not in _sections:
        _sections.append(section)


def exported_models() -> set[str]:
    return {model for section in _sections for model in section.models}


def may_export(user: User | AnonymousUser) -> bool:
    """Who answers for what is stored about people, and may see all of it."""
    needed = {"contacts.view_contact", "contacts.change_contact"}
    return user.has_perms(needed.union(*(section.needs for section in _sections)))


def everything(contact: Contact, *, now: datetime) -> Iterator[str]:
    """The parts of one JSON object."""
    about = {
        "exported_at": as_text(now),
        "id": contact.pk,
        "created_at": as_text(contact.created_at),
        "updated_at": as_text(contact.updated_at),
    }
    yield encode_json(about)[:-1]
    for section in _sections:
        yield f",\n{encode_json(section.name)}: ["
        between = "\n"
        for row in section.read(contact):
            yield between + encode_json(row)
            between = ",\n"
        yield "\n]"
    yield "}\n"


def read_fields(contact: Contact) -> Iterator[dict[str, Any]]:
    """With exact numbers, and also values of fields that are archived."""
    for key in BUILT_IN:
        if value := getattr(contact, key):
            yield {"key": key, "label": LABELS[key], "value": value}
    labels = {field.key: str(field) for field in Field.objects.all()}
    for key, value in contact.attributes.items():
        yield {"key": key, "label": labels.get(key, key), "value": value}


def read_earlier_values(contact: Contact) -> Iterator[dict[str, Any]]:
    """Those that are kept while a field gets another type, and for a while after."""
    kept = OldValue.objects.filter(contact_id=contact.pk).select_related("change__field")
    for row in kept.order_by("change_id"):
        yield {"key": row.change.field.key, "label": str(row.change.field), "value": row.before}


def read_identities(contact: Contact) -> Iterator[dict[str, Any]]:
    main = {identity_key(kind, getattr(contact, kind)) for kind in IDENTITIES}
    rows = Identity.objects.filter(contact=contact).order_by("kind", "value")
    for kind, value in rows.values_list("kind", "value"):
        yield {"kind": kind, "value": value, "is_main": (kind, value) in main}


def read_consents(contact: Contact) -> Iterator[dict[str, Any]]:
    """Every decision, the newest first; those that hold now are marked."""
    held = consents_of([contact.pk]).get(contact.pk, {})
    rows = Consent.objects.filter(contact=contact).order_by("-at", "channel", "subscribed")
    for row in rows:
        now = held.get(row.channel)
        yield {
            "channel": row.channel,
            "state": state_of(subscribed=row.subscribed),
            "at": as_text(row.at),
            "source": row.source,
            "recorded_at": as_text(row.recorded_at),
            "holds": now is not None and (now.at, now.subscribed) == (row.at, row.subscribed),
        }


FIELDS = Section("fields", read_fields, ("contacts.contact",))
EARLIER_VALUES = Section("earlier_values", read_earlier_values, ("contacts.oldvalue",))
IDENTITIES_KNOWN = Section("identities", read_identities, ("contacts.identity",))
CONSENTS = Section("consents", read_consents, ("contacts.consent",))
