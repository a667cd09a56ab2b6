"""Every page by its name, for pictures and for checks that concern all of them."""

from __future__ import annotations

from collections.abc import Mapping

PAGES = {
    "home": "/",
    "search": "/search?q={name}",
    "segments": "/segments",
    "segments-nothing-found": "/segments?q=zzz",
    "segment-new": "/segments/-new",
    "segment-from-template": "/segments/-new/inactive-vips",
    "segment": "/segments/{segment}",
    "segment-draft": "/segments/{draft}",
    "segment-activity": "/segments/{segment}/activity",
    "segment-versions": "/segments/{segment}/versions",
    "segment-details": "/segments/{segment}/details",
    "segment-delete": "/segments/{segment}/delete",
    "contacts": "/contacts",
    "contact": "/contacts/{contact}",
    "contact-edit": "/contacts/{contact}/edit",
    "contact-erase": "/contacts/{contact}/erase",
    "fields": "/contacts/fields",
    "field-new": "/contacts/fields/new",
    "field": "/contacts/fields/{field}",
    "events": "/events",
    "event-types": "/events/types",
    "event-type": "/events/types/{type}",
    "event-type-new": "/events/types/new",
    "send-events": "/events/send",
    "keys": "/settings/keys",
    "key-new": "/settings/keys/new",
    "users": "/settings/users",
    "user-new": "/settings/users/new",
    "user": "/settings/users/{user}",
    "workspace": "/settings/workspace",
    "account": "/account",
}
PROBLEMS = {"not-found": "/nothing-here"}
"""The browser reports these as errors."""
ADMIN = {
    "admin": "/admin/",
    "admin-contacts": "/admin/contacts/contact/",
    "admin-segments": "/admin/segments/segment/",
    "admin-segment-new": "/admin/segments/segment/add/",
}


def addresses(known: Mapping[str, object]) -> dict[str, str]:
    """The pages about these objects."""
    return {name: path.format_map(known) for name, path in PAGES.items()}
