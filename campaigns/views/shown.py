"""What the pages of campaigns have in common."""

from __future__ import annotations

from typing import Final

from django.shortcuts import get_object_or_404

from campaigns.models import Campaign

SECTION: Final = "campaigns"
SEE: Final = ("campaigns.view_campaign",)
CHANGE: Final = (*SEE, "campaigns.change_campaign")


def campaign_of(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("owner"), pk=pk)
