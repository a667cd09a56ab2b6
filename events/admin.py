"""Event types in the administration; they change through their services only, and never go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.forms import ServiceForm, save_applied
from events.models import EventType, IngestProblem
from events.registry import create_event_type, update_event_type
from segmentflow.administration import ReadOnlyAdmin, RecordedAdmin
from segmentflow.clock import current_time
from segmentflow.forms import JsonTextField


class EventTypeForm(ServiceForm):
    key = forms.CharField(
        strip=False, max_length=100, help_text="Its name exactly as the events are sent."
    )
    archived = forms.BooleanField(
        required=False, help_text="New definitions cannot refer to an archived type."
    )

    class Meta:
        model = EventType
        fields = ("key", "label", "description", "value_attribute")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["archived"] = self.instance.archived_at is not None

    def apply(self) -> EventType:
        raw = dict(self.cleaned_data)
        if self.instance.pk:
            changed = {name: raw[name] for name in raw if name in self.changed_data}
            return update_event_type(event_type=self.instance, raw=changed, now=current_time())
        return create_event_type(raw=raw, now=current_time())


@admin.register(EventType)
class EventTypeAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    form = EventTypeForm
    list_display = ("key", "label", "origin", "value_attribute", "archived_at", "created_at")
    list_filter = ("origin", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "label", "description")
    search_help_text = "A part of the key, the label or the description."
    list_per_page = 50
    fields = ("key", "label", "description", "value_attribute", "archived")
    shown = ("page", "origin", "discovered", "created_at")

    def get_fields(self, request: HttpRequest, obj: EventType | None = None) -> tuple[str, ...]:
        if obj is None:
            return self.fields
        if self.has_change_permission(request, obj):
            return (*self.fields, *self.shown)
        return (*self.fields[:-1], "archived_at", *self.shown)

    def get_readonly_fields(
        self, request: HttpRequest, obj: EventType | None = None
    ) -> tuple[str, ...]:
        return ("key", "archived_at", *self.shown) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: EventType | None = None) -> bool:
        """Stored events are of their types for ever; a type is archived instead."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: EventType,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        save_applied(form, obj)

    @admin.display(description="Events")
    def page(self, event_type: EventType) -> SafeString:
        """Events cannot be administered (their key is made of two columns), but seen there."""
        address = reverse("event_type_detail", args=[event_type.pk])
        return format_html('<a href="{}">Volume and latest events of {}</a>', address, event_type)

    @admin.display(description="Attributes seen")
    def discovered(self, event_type: EventType) -> SafeString:
        seen = event_type.attributes
        return format_html("<pre>{}</pre>", JsonTextField().prepare_value(seen) if seen else "–")


@admin.register(IngestProblem)
class IngestProblemAdmin(RecordedAdmin, ReadOnlyAdmin):
    """Deleted when it has been dealt with; what goes on being sent wrong is there again."""

    list_display = ("path", "code", "times", "first_at", "last_at")
    list_filter = ("code",)
    search_fields = ("path",)
    search_help_text = "A part of where it was."
    list_per_page = 50
    fields = ("path", "code", "times", "first_at", "last_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("events.delete_ingestproblem")
