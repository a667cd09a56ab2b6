"""Addresses of webhooks, below /settings/webhooks."""

from __future__ import annotations

from django.urls import path

from outbound.webhooks.views.listing import webhook_list

urlpatterns = [path("", webhook_list, name="webhook_list")]
