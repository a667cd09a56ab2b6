"""Which webhooks follow a segment; the answer to segments.usage."""

from __future__ import annotations

from collections.abc import Sequence

from outbound.webhooks.models import WebhookSegment
from segments.usage import Use


def webhooks_by_segment(keys: Sequence[str]) -> dict[str, list[Use]]:
    """Those for which it was chosen; those that follow every segment hold none of them.

    Without an address: the pages of webhooks are for admins, and segments are read by everybody.
    """
    chosen = WebhookSegment.objects.filter(segment__key__in=keys)
    found: dict[str, list[Use]] = {}
    for key, name in chosen.values_list("segment__key", "webhook__name"):
        found.setdefault(key, []).append(Use(f"Webhook {name}", ""))
    return found
