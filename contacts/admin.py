"""Fields and contacts in the administration; both change through their services only."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contacts.erasure import erase_contacts
from contacts.fields import create_field, delete_field, update_field
from contacts.forms import ServiceForm, save_applied
from contacts.locks import hold_fields
from contacts.models import Contact, Field, Identity
from contacts.problems import Conflict
from contacts.search import contacts_found
from contacts.usage import uses_of
from segmentflow.administration import CappedPaginator
from segmentflow.clock import current_time
from segmentflow.forms import JsonTextField

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


class FieldForm(ServiceForm):
    choices = JsonTextField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "code"}),
        help_text='Values to choose from, as a JSON list: ["Gold", "Silver"]. Empty for any.',
    )
    archived = forms.BooleanField(
        required=False, help_text="New definitions cannot refer to an archived field."
    )

    class Meta:
        model = Field
        fields = ("key", "label", "type", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = self.instance.choices or None
        self.initial["archived"] = self.instance.archived_at is not None

    def apply(self) -> Field:
        raw = dict(self.cleaned_data)
        raw["choices"] = [] if raw["choices"] is None else raw["choices"]
        if self.instance.pk:
            return update_field(field=self.instance, raw=raw, now=current_time())
        return create_field(raw=raw, now=current_time())


@admin.register(Field)
class FieldAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    form = FieldForm
    list_display = ("key", "label", "type", "position", "archived_at", "created_at")
    list_filter = ("type", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "label", "description")
    list_per_page = 50
    fields = ("key", "label", "type", "choices", "description", "archived")

    def get_fields(self, request: HttpRequest, obj: Field | None = None) -> tuple[str, ...]:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("key", "label", "type", "choices_shown", "description", "archived_at")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Field | None = None
    ) -> tuple[str, ...]:
        return ("key", "type", "choices_shown", "archived_at") if obj else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: Field,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        save_applied(form, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the form finds valid is still so when it is saved."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with transaction.atomic():
            hold_fields()
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return super().delete_view(request, *args, **kwargs)
        with transaction.atomic():
            hold_fields()
            return super().delete_view(request, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: Field) -> None:
        delete_field(field=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Field]) -> None:
        for field in queryset:
            try:
                delete_field(field=field)
            except Conflict as conflict:
                self.message_user(request, str(conflict), messages.ERROR)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        fields = list(objs)
        names = [f"“{field}” with the values that contacts have for it" for field in fields]
        users = [
            f"“{use.name}”, which uses “{field}”"
            for field in fields
            for use in uses_of("field", field.key)
        ]
        return names, {"fields": len(fields)}, set(), users

    @admin.display(description="Choices")
    def choices_shown(self, field: Field) -> str:
        return ", ".join(map(str, field.choices)) or "Any"


@admin.register(Contact)
class ContactAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    """Read only: a change made here would need marks, identities and types (contacts.services)."""

    list_display = ("id", "external_id", "email", "phone", "first_name", "last_name", "created_at")
    list_display_links = ("id", "external_id")
    list_filter = ("created_at",)
    sortable_by = ("id",)  # no index leads in another order
    search_fields = ("email",)  # what is searched, `get_search_results` says
    search_help_text = "Beginnings of words in names, emails, phone numbers and external ids."
    ordering = ("-id",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count everybody once for each
    fields = readonly_fields = (
        "profile",
        *BUILT_IN,
        "values",
        "identities",
        "created_at",
        "updated_at",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """As everywhere else, by the index."""
        return queryset & contacts_found(search_term), False

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

    @admin.display(description="Profile")
    def profile(self, contact: Contact) -> SafeString:
        """Events cannot be administered (their key is made of two columns), but seen there."""
        address = reverse("contact_detail", args=[contact.pk])
        return format_html('<a href="{}">Events, segments and fields of {}</a>', address, contact)

    @admin.display(description="Additional fields")
    def values(self, contact: Contact) -> SafeString:
        text = json.dumps(contact.attributes, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html("<pre>{}</pre>", text)

    @admin.display(description="Found by")
    def identities(self, contact: Contact) -> SafeString:
        rows = Identity.objects.filter(contact=contact).values_list("kind", "value")
        return format_html_join(", ", "{} {}", rows)
