"""Addresses of this part of the API, below /api/v1/ (segmentflow/api/urls.py)."""

from __future__ import annotations

from django.urls import re_path

from outbound.webhooks import api

WEBHOOK = r"^webhooks/(?P<pk>[0-9]{1,18})"
DELIVERY = rf"{WEBHOOK}/deliveries/(?P<delivery>[0-9]{{1,18}})"

urlpatterns = [
    re_path(r"^webhooks$", api.WebhooksView.as_view()),
    re_path(rf"{WEBHOOK}$", api.WebhookView.as_view()),
    re_path(rf"{WEBHOOK}/secret$", api.SecretView.as_view()),
    re_path(rf"{WEBHOOK}/test$", api.TestView.as_view()),
    re_path(rf"{WEBHOOK}/deliveries$", api.DeliveriesView.as_view()),
    re_path(rf"{WEBHOOK}/deliveries/resend$", api.ResendFailedView.as_view()),
    re_path(rf"{DELIVERY}/resend$", api.ResendView.as_view()),
]
