"""Addresses of alerts in the API, below /api/v1/."""

from __future__ import annotations

from django.urls import re_path

from outbound.alerts import api

ALERTS = r"^segments/(?P<key>[A-Za-z0-9_-]+)/alerts"

urlpatterns = [
    re_path(rf"{ALERTS}$", api.AlertsView.as_view()),
    re_path(rf"{ALERTS}/notices$", api.NoticesView.as_view()),
]
