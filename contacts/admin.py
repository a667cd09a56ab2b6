"""Contacts in the administration: found, read, and erased everywhere; changed through the API."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contacts.erasure import erase_contacts
from contacts.models import Contact, Identity

BUILT_IN = (
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "city",
    "country",
    "language",
    "timezone",
    "preferred_channel",
)


@admin.register(Contact)
class ContactAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    """Read only: a change made here would need marks, identities and types (contacts.services)."""

    list_display = ("id", "external_id", "email", "phone", "first_name", "last_name", "created_at")
    list_display_links = ("id", "external_id")
    list_filter = ("created_at",)
    search_fields = ("=external_id", "email", "=phone", "first_name", "last_name")
    search_help_text = "A whole external id or phone number, or a part of an email or a name."
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False  # counting everybody takes longer than finding one
    fields = readonly_fields = (*BUILT_IN, "values", "identities", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Contact | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        erase_contacts(contact_ids=[obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        erase_contacts(contact_ids=list(queryset.values_list("pk", flat=True)))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """By name only: Django would load every event to list it."""
        names = [f"{contact}, with all events, memberships and logs" for contact in objs]
        return names, {"contacts": len(names)}, set(), []

    @admin.display(description="Additional fields")
    def values(self, contact: Contact) -> SafeString:
        text = json.dumps(contact.attributes, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html("<pre>{}</pre>", text)

    @admin.display(description="Found by")
    def identities(self, contact: Contact) -> SafeString:
        rows = Identity.objects.filter(contact=contact).values_list("kind", "value")
        return format_html_join(", ", "{} {}", rows)
