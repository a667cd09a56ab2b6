"""What is kept to tell other programs and people about segments; a module for each way of telling."""

from __future__ import annotations

from outbound.alerts.models import Alert, AlertMail, AlertNotice, AlertRule
from outbound.exports.models import Export, ExportRun
from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove, WebhookSegment

__all__ = [
    "Alert",
    "AlertMail",
    "AlertNotice",
    "AlertRule",
    "Export",
    "ExportRun",
    "Webhook",
    "WebhookDelivery",
    "WebhookMove",
    "WebhookSegment",
]
