"""Campaigns in the administration, and how they are sent: to look at; each is changed on its own pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from campaigns.channels.models import Way
from campaigns.models import Campaign, CampaignTarget, SendingRules
from campaigns.words import what_happens
from segmentflow.administration import ReadOnlyAdmin


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("name", "channel", "status", "kind", "owner", "updated_at")
    list_filter = ("status", "channel", "kind")
    list_select_related = ("owner",)
    search_fields = ("name",)
    ordering = ("-id",)
    list_per_page = 50
    fields = readonly_fields = (
        "name",
        "channel",
        "status",
        "does",
        "segments",
        "owner",
        "revision",
        "created_at",
        "updated_at",
        "started_at",
        "ended_at",
    )

    @admin.display(description="What it does")
    def does(self, campaign: Campaign) -> str:
        targets = campaign.targets.filter(excludes=False).select_related("segment").order_by("pk")
        return what_happens(campaign=campaign, included=[target.segment.name for target in targets])

    @admin.display
    def segments(self, campaign: Campaign) -> SafeString:
        targets = campaign.targets.select_related("segment", "version").order_by("pk")
        return format_html_join(mark_safe("<br>"), "{}", ((_target(one),) for one in targets))


def _target(target: CampaignTarget) -> SafeString:
    address = reverse("segment_detail", args=[target.segment.key])
    words = "without" if target.excludes else "to"
    version = f", version {target.version.number}" if target.version else ""
    return format_html('{} <a href="{}">{}</a>{}', words, address, target.segment.name, version)


@admin.register(SendingRules)
class SendingRulesAdmin(ReadOnlyAdmin):
    """Set on a page of the settings."""

    list_display = ("__str__", "cap_messages", "cap_days", "quiet_from", "quiet_to")
    fields = readonly_fields = ("cap_messages", "cap_days", "quiet_from", "quiet_to")


@admin.register(Way)
class WayAdmin(ReadOnlyAdmin):
    """Set on a page of the settings; secrets are shown nowhere."""

    list_display = ("channel", "adapter", "per_second", "updated_at")
    fields = readonly_fields = ("channel", "adapter", "per_second", "updated_at")
