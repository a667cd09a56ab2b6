"""Small parts of the pages of campaigns."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from campaigns.models import Campaign
from campaigns.recipients import reason_label as label_of
from campaigns.views.shown import ICONS, TONES
from segmentflow.templatetags.ui import badge, icon

register = template.Library()


@register.simple_tag
def campaign_state(campaign: Campaign) -> SafeString:
    """What state it is in, as a badge."""
    return badge(campaign.get_status_display(), TONES[campaign.status])


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    return icon(ICONS[channel])


@register.filter
def share(amount: int, total: int) -> str:
    """As percent with one digit after the point; empty where there is nothing to have a share of."""
    return f"{amount * 100 / total:.1f} %" if total else ""


@register.filter
def reason_label(reason: str) -> str:
    return label_of(reason)


LONGEST_URL = 70


@register.filter
def short_url(url: str) -> str:
    """Without what goes without saying, and cut in the middle: the end tells links apart, too."""
    words = url.removeprefix("https://").removeprefix("http://").removeprefix("www.")
    if len(words) <= LONGEST_URL:
        return words
    return f"{words[: LONGEST_URL - 25]}…{words[-24:]}"
