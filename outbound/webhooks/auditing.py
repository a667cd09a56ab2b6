"""What the audit log is told about webhooks; of their secrets, that they changed."""

from __future__ import annotations

from typing import Any, Final

from outbound.webhooks.models import Webhook
from segmentflow.audit.recording import record

FACTS: Final = (
    *("name", "description", "url", "fields", "every_segment"),
    *("on_entering", "on_leaving", "on_edits", "most_moves", "wait_ms"),
)


def facts_of(webhook: Webhook) -> dict[str, Any]:
    keys = webhook.chosen.order_by("segment__key").values_list("segment__key", flat=True)
    return {name: getattr(webhook, name) for name in FACTS} | {"segments": list(keys)}


def note(action: str, webhook: Webhook, **more: Any) -> None:
    record(action=action, kind="webhook", key=webhook.pk, name=webhook.name, **more)
