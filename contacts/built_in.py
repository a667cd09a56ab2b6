"""What people read about the fields that every contact has."""

from __future__ import annotations

from typing import Final, NamedTuple

from contacts.models import FieldTypes


class BuiltIn(NamedTuple):
    key: str
    label: str
    description: str
    type: FieldTypes = FieldTypes.TEXT


SHOWN: Final = (
    BuiltIn(
        "external_id", "External ID", "What another system calls the contact; nobody shares it."
    ),
    BuiltIn("email", "Email", "Nobody shares it, however its letters are written."),
    BuiltIn("phone", "Phone", "Nobody shares it."),
    BuiltIn("first_name", "First name", ""),
    BuiltIn("last_name", "Last name", ""),
    BuiltIn("city", "City", ""),
    BuiltIn("country", "Country", ""),
    BuiltIn("language", "Language", "Such as “en” or “pl”."),
    BuiltIn("timezone", "Time zone", "Such as “Europe/Warsaw”."),
    BuiltIn("preferred_channel", "Preferred channel", "Such as “email”, “sms” or “push”."),
)
CREATED_AT: Final = BuiltIn(
    "created_at", "Creation date", "When the contact was first heard of.", FieldTypes.DATETIME
)
LABELS: Final = {field.key: field.label for field in (*SHOWN, CREATED_AT)}
