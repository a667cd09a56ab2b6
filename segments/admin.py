"""Segments in the administration; definitions are typed as JSON there."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from contacts.forms import ServiceForm, save_applied
from contacts.problems import Conflict
from segmentflow.administration import CappedPaginator, ReadOnlyAdmin
from segmentflow.clock import current_time
from segmentflow.forms import JsonTextField, as_errors
from segmentflow.models import User
from segments import selectors, services
from segments.conditions.problems import InvalidDefinition
from segments.models import Rebuild, Segment, SegmentVersion
from segments.selectors import Described
from segments.usage import keeping_segment

WHY = {
    "definition": "Definition",
    "segment": "Another segment",
    "time": "Clock set back",
    "zone": "Time zone",
    "data": "Data",
}
"""What changed, by the kind of a rebuild's cause."""


class SegmentForm(ServiceForm):
    """Shows every problem of a definition at its path."""

    author: ClassVar[User]

    definition = JsonTextField(
        required=False,
        help_text="The conditions as JSON. Empty for a draft to be described later and for a "
        "static list.",
    )

    class Meta:
        model = Segment
        fields = ("key", "name", "description", "kind", "status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["definition"] = selectors.describe_one(self.instance).definition
        else:
            self.initial["status"] = Segment.Status.LIVE

    def attempt(self) -> None:
        try:
            super().attempt()
        except InvalidDefinition as invalid:
            self.add_error("definition", as_errors(invalid.problems, root="definition"))

    def apply(self) -> Segment:
        given = self.cleaned_data
        if not self.instance.pk:
            return services.create_segment(**given, author=self.author, now=current_time())
        changed = {
            name: given[name]
            for name in ("name", "description", "status", "definition")
            if name in self.changed_data
        }
        return services.update_segment(
            segment=self.instance, **changed, author=self.author, now=current_time()
        )


@admin.register(Segment)
class SegmentAdmin(ModelAdmin):  # type: ignore[type-arg] # the same
    form = SegmentForm
    list_display = ("name", "key", "kind", "status", "member_count", "owner", "built_at")
    list_filter = ("status", "kind")
    list_select_related = ("owner",)
    search_fields = ("name", "key", "description")
    search_help_text = "A part of the name, the key or the description."
    ordering = ("name",)
    list_per_page = 50
    save_on_top = True
    fields = ("name", "key", "description", "kind", "status", "definition")
    shown = ("sentence", "state", "members", "versions")

    def get_form(
        self,
        request: HttpRequest,
        obj: Segment | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm[Segment]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"author": request.user})

    def get_fields(self, request: HttpRequest, obj: Segment | None = None) -> tuple[str, ...]:
        if obj is None:
            return self.fields
        if self.has_change_permission(request, obj):
            return (*self.fields, *self.shown)
        return (*self.fields[:-1], "definition_shown", *self.shown)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Segment | None = None
    ) -> tuple[str, ...]:
        return ("key", "kind", "definition_shown", *self.shown) if obj else ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the form finds valid is still so when it is saved: the lock is held throughout."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            services.hold_definitions()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(
        self,
        request: HttpRequest,
        obj: Segment,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        save_applied(form, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        with transaction.atomic():
            services.hold_definitions()
            return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        services.delete_segment(segment=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            try:
                services.delete_segment(segment=segment)
            except Conflict as conflict:
                self.message_user(request, str(conflict), messages.ERROR)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """By name only: Django would load every member to list them."""
        segments = list(objs)
        names = [
            f"“{segment.name}” with {segment.member_count} "
            + ngettext("member", "members", segment.member_count)
            for segment in segments
        ]
        users = [
            f"“{use.name}”, which uses “{segment.name}”"
            for segment in segments
            for use in keeping_segment(segment.key, also_over=True)
        ]
        return names, {"segments": len(segments)}, set(), users

    @admin.display(description="In words")
    def sentence(self, segment: Segment) -> str:
        return _described(segment).sentence or "The draft is not complete yet."

    @admin.display
    def state(self, segment: Segment) -> str:
        described = _described(segment)
        progress = described.progress
        if described.state == selectors.State.BUILDING and progress:
            return f"Building: {progress.done} of {progress.total} contacts"
        if described.state == selectors.State.FAILED and progress:
            return f"Failed: {progress.error}"
        return "Ready"

    @admin.display
    def members(self, segment: Segment) -> str:
        address = reverse("segment_detail", args=[segment.key])
        return format_html('<a href="{}">{}</a>', address, segment.member_count)

    @admin.display
    def versions(self, segment: Segment) -> str:
        number = _described(segment).version
        if number is None:
            return "Never published"
        address = reverse("admin:segments_segmentversion_changelist")
        return format_html('<a href="{}?segment__id__exact={}">{}</a>', address, segment.pk, number)

    @admin.display(description="Definition")
    def definition_shown(self, segment: Segment) -> str:
        return _as_code(_described(segment).definition)


@admin.register(SegmentVersion)
class SegmentVersionAdmin(ReadOnlyAdmin):
    """What was published, by whom and when; never changed."""

    list_display = ("segment", "number", "author", "created_at")
    list_filter = ("created_at", ("segment", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("segment", "author")
    search_fields = ("segment__name", "segment__key")
    ordering = ("-created_at", "-number")
    list_per_page = 50
    fields = readonly_fields = (
        "segment",
        "number",
        "author",
        "created_at",
        "definition_shown",
        "depends_on",
    )

    @admin.display
    def depends_on(self, version: SegmentVersion) -> SafeString:
        uses = version.uses.order_by("kind", "ref")
        rows = [(use.get_kind_display(), use.ref) for use in uses]
        return format_html_join(mark_safe("<br>"), "{} <code>{}</code>", rows)

    @admin.display(description="Definition")
    def definition_shown(self, version: SegmentVersion) -> str:
        return _as_code(version.definition)


@admin.register(Rebuild)
class RebuildAdmin(ReadOnlyAdmin):
    """Members computed anew: why, how far, and what went wrong."""

    list_display = ("segment", "number", "state", "progress", "why", "created_at", "ended_at")
    list_filter = ("state", "created_at")
    list_select_related = ("segment", "version")
    search_fields = ("segment__name", "segment__key")
    search_help_text = "A part of the segment's name or key."
    ordering = ("-id",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = readonly_fields = (
        "segment",
        "number",
        "state",
        "progress",
        "why",
        "error",
        "created_at",
        "ended_at",
    )

    @admin.display(description="Version", ordering="version__number")
    def number(self, rebuild: Rebuild) -> int:
        return rebuild.version.number

    @admin.display
    def progress(self, rebuild: Rebuild) -> str:
        return f"{intcomma(rebuild.done)} of {intcomma(rebuild.total)}"

    @admin.display(description="Because of")
    def why(self, rebuild: Rebuild) -> str:
        return WHY.get(rebuild.cause.get("kind", ""), "–")


def _described(segment: Segment) -> Described:
    """Once for each object shown, however many of its columns ask."""
    known: Described | None = getattr(segment, "_described", None)
    if known is None:
        known = selectors.describe_one(segment)
        segment._described = known  # type: ignore[attr-defined] # kept with the object it is of
    return known


def _as_code(definition: Any) -> str:
    return format_html("<pre>{}</pre>", JsonTextField().prepare_value(definition) or "–")
