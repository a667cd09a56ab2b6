"""Addresses of what a segment tells the world, below /segments/<key>."""

from __future__ import annotations

from django.urls import path

from outbound.alerts.views.pages import (
    segment_alerts,
    segment_alerts_pause,
    segment_alerts_retry,
)
from outbound.exports.views.pages import segment_exports

urlpatterns = [
    path("/exports", segment_exports, name="segment_exports"),
    path("/alerts", segment_alerts, name="segment_alerts"),
    path("/alerts/pause", segment_alerts_pause, name="segment_alerts_pause"),
    path("/alerts/retry", segment_alerts_retry, name="segment_alerts_retry"),
]
