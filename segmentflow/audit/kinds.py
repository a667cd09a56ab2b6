"""What the log is about: the kinds of objects, how sentences call them, and where their pages are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Kind:
    label: str
    """In a list of kinds."""
    phrase: str
    """In a sentence, before the name."""
    page: str = ""
    """Name of the address, which takes the key; or nothing, for what there is once."""


KINDS: Final[dict[str, Kind]] = {
    "segment": Kind("Segments", "the segment", "segment_detail"),
    "template": Kind("Templates of segments", "the template"),
    "alert": Kind("Alerts", "the alerts of the segment", "segment_alerts"),
    "contact": Kind("Contacts", "the contact", "contact_detail"),
    "contacts": Kind("Lists of contacts", "contacts"),
    "consent": Kind("Consents", "a consent of the contact", "contact_detail"),
    "import": Kind("Imports", "the import", "import_detail"),
    "field": Kind("Fields", "the field", "field_edit"),
    "event type": Kind("Event types", "the event type", "event_type_detail"),
    "retention": Kind("Data retention", "the retention of", "retention_edit"),
    "campaign": Kind("Campaigns", "the campaign", "campaign_detail"),
    "picture": Kind("Pictures", "the picture"),
    "way": Kind("Ways of sending", "the way of sending", "way_edit"),
    "sending": Kind("Rules of sending", "the rules of sending", "sending"),
    "address": Kind("Suppressed addresses", "a suppressed address"),
    "push": Kind("Push messages", "push messages"),
    "export": Kind("Exports", "the export", "export_detail"),
    "webhook": Kind("Webhooks", "the webhook", "webhook_detail"),
    "API key": Kind("API keys", "the API key", "key_detail"),
    "website": Kind("Websites", "the website", "website_detail"),
    "user": Kind("Users", "the user", "user_edit"),
    "session": Kind("Signing in", ""),
    "second factor": Kind("Second factors", "a second factor of", "user_edit"),
    "workspace": Kind("Workspace", "the workspace", "workspace"),
    "demo": Kind("Demonstration data", "the demonstration data", "workspace"),
    "audit log": Kind("Audit log", "the audit log", "audit_log"),
    "backup": Kind("Backups", "the backup"),
    "failure": Kind("Failed tasks", "the report of the failed task"),
    "failures": Kind("Failed tasks", "the reports of failed tasks"),
    "row": Kind("Administration", "in the administration"),
}
"""By the name that is stored. Others may be stored, too: they are called by their name."""

ACTIONS: Final = (
    *("created", "changed", "published", "paused", "resumed", "archived", "restored", "deleted"),
    *("added to", "removed from", "moved", "merged", "erased", "imported", "cancelled"),
    *("downloaded", "exported", "started", "sent again", "sent a test of", "tried again"),
    *("revoked", "rotated", "renewed the secret of", "set the password of", "loaded", "removed"),
    *("allowed", "signed in", "signed out", "refused to sign in", "kept out"),
    *("unlocked", "set up", "reset", "dismissed"),
)
"""In the past tense, as sentences have them."""
ONLY: Final = frozenset({"sending", "workspace", "demo", "audit log"})
"""Of which there is one."""


def kind_of(name: str) -> Kind:
    return KINDS.get(name) or Kind(name.capitalize(), f"the {name}")


def page_of(kind: str, key: str) -> str:
    """The address of the object's page; empty where there is none."""
    page = kind_of(kind).page
    if not page or (not key and kind not in ONLY):
        return ""
    try:
        return reverse(page, args=[] if kind in ONLY else [key])
    except NoReverseMatch:
        return ""
