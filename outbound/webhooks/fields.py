"""What a webhook may tell of a contact, besides its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contacts.built_in import SHOWN
from contacts.models import Field
from contacts.usage import Kind, Use
from outbound.webhooks.models import Webhook

ADDITIONAL: Final = "attributes."
BUILT_IN: Final = {field.key: field.label for field in SHOWN}
USUAL: Final = ("external_id", "email")


def choices() -> list[tuple[str, str]]:
    """Those that there are now, with what people call them."""
    others = Field.objects.filter(archived_at=None).order_by("label")
    return [
        *BUILT_IN.items(),
        *((f"{ADDITIONAL}{key}", label) for key, label in others.values_list("key", "label")),
    ]


def told_of(contact: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """For the body of a request; a value that is missing is null."""
    told: dict[str, Any] = {"id": contact["id"]}
    attributes = {}
    for name in fields:
        if name.startswith(ADDITIONAL):
            key = name.removeprefix(ADDITIONAL)
            attributes[key] = contact["attributes"].get(key)
        elif name in BUILT_IN:
            told[name] = contact[name] or None
    return told | {"attributes": attributes} if attributes else told


def webhooks_by_field(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    """The answer to contacts.usage: a field that a webhook tells of is not to be deleted."""
    found: dict[str, list[Use]] = {}
    if kind != "field":
        return found
    names = {f"{ADDITIONAL}{key}": key for key in keys}
    for webhook in Webhook.objects.filter(fields__overlap=list(names)):
        for name in names.keys() & set(webhook.fields):
            found.setdefault(names[name], []).append(Use(f"Webhook {webhook.name}", ""))
    return found
