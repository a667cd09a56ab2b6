"""What is kept to tell other programs and people about segments; a module for each way of telling."""

from __future__ import annotations

from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove, WebhookSegment

__all__ = ["Webhook", "WebhookDelivery", "WebhookMove", "WebhookSegment"]
