"""Addresses of webhooks, below /settings/webhooks."""

from __future__ import annotations

from django.urls import path

from outbound.webhooks.views import actions
from outbound.webhooks.views.detail import webhook_delivery, webhook_detail
from outbound.webhooks.views.editing import webhook_edit, webhook_new, webhook_secret
from outbound.webhooks.views.listing import webhook_list

ONE = "/<int:pk>"
DELIVERY = f"{ONE}/deliveries/<int:delivery>"

urlpatterns = [
    path("", webhook_list, name="webhook_list"),
    path("/new", webhook_new, name="webhook_new"),
    path(ONE, webhook_detail, name="webhook_detail"),
    path(f"{ONE}/edit", webhook_edit, name="webhook_edit"),
    path(f"{ONE}/secret", webhook_secret, name="webhook_secret"),
    path(f"{ONE}/test", actions.webhook_test, name="webhook_test"),
    path(f"{ONE}/pause", actions.webhook_pause, name="webhook_pause"),
    path(f"{ONE}/resume", actions.webhook_resume, name="webhook_resume"),
    path(f"{ONE}/try", actions.webhook_try, name="webhook_try"),
    path(f"{ONE}/delete", actions.webhook_delete, name="webhook_delete"),
    path(f"{ONE}/again", actions.deliveries_again, name="deliveries_again"),
    path(DELIVERY, webhook_delivery, name="webhook_delivery"),
    path(f"{DELIVERY}/again", actions.delivery_again, name="delivery_again"),
    path(f"{DELIVERY}/aside", actions.delivery_aside, name="delivery_aside"),
]
