"""Addresses of the campaigns' pages, below /campaigns."""

from __future__ import annotations

from django.urls import path

from campaigns.views.listing import campaign_list
from campaigns.views.message import message
from campaigns.views.outbox import outbox_html, outbox_list, outbox_message
from campaigns.views.pictures import picture_delete, picture_list
from campaigns.views.preview import preview, preview_html, test_send

urlpatterns = [
    path("", campaign_list, name="campaign_list"),
    path("/<int:pk>/message", message, name="campaign_message"),
    path("/<int:pk>/preview", preview, name="campaign_preview"),
    path("/<int:pk>/preview.html", preview_html, name="campaign_preview_html"),
    path("/<int:pk>/test", test_send, name="campaign_test"),
    path("/pictures", picture_list, name="picture_list"),
    path("/pictures/<int:pk>/delete", picture_delete, name="picture_delete"),
    path("/outbox", outbox_list, name="outbox_list"),
    path("/outbox/<int:pk>", outbox_message, name="outbox_message"),
    path("/outbox/<int:pk>.html", outbox_html, name="outbox_html"),
]
