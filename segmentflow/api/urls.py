"""Addresses of the API, and of the pages that describe it."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from segmentflow.api import schema  # noqa: F401 - being imported registers what describes our keys
from segmentflow.audit.api import AuditView

urlpatterns = [
    path("v1/", include("contacts.api_urls")),
    path("v1/", include("events.api_urls")),
    path("v1/", include("segments.api_urls")),
    path("v1/", include("outbound.exports.api_urls")),
    path("v1/", include("outbound.alerts.api_urls")),
    path("v1/", include("outbound.webhooks.api_urls")),
    path("v1/audit", AuditView.as_view(), name="api_audit"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
]
