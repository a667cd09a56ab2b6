"""Which campaigns use a segment; the answer to segments.usage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.urls import NoReverseMatch, reverse

from campaigns.models import Campaign, CampaignTarget
from contacts.problems import Conflict
from segments.usage import Use

OVER = (Campaign.Status.DONE, Campaign.Status.CANCELLED)


def campaigns_by_segment(keys: Sequence[str]) -> dict[str, list[Use]]:
    """Drafts as well: who goes on with one expects the segment to be there.

    A campaign that is over has its recipients, so the segment may go into the archive; its report
    says whom it was for, so the segment cannot be deleted.
    """
    targets = CampaignTarget.objects.filter(segment__key__in=keys).values_list(
        "segment__key", "campaign_id", "campaign__name", "campaign__status"
    )
    found: dict[str, list[Use]] = {}
    for key, campaign_id, name, status in targets:
        use = Use(f"Campaign {name}", page_of(campaign_id), is_over=status in OVER)
        found.setdefault(key, []).append(use)
    return found


def hold_segments(segment_ids: Iterable[int]) -> None:
    """Nobody deletes or archives them until the commit, so that they can become targets.

    Raises Conflict when one of them is gone.
    """
    wanted = sorted(set(segment_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM segments_segment WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [wanted]
        )
        if cursor.rowcount < len(wanted):
            raise Conflict("The segment was deleted meanwhile.")


def page_of(campaign_id: int) -> str:
    try:
        return reverse("campaign_detail", args=[campaign_id])
    except NoReverseMatch:
        return ""
