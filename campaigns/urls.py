"""Addresses of the campaigns' pages, below /campaigns."""

from __future__ import annotations

from django.urls import path

from campaigns.views import actions
from campaigns.views.audience import campaign_audience, campaign_people
from campaigns.views.detail import campaign_detail
from campaigns.views.editing import campaign_edit, campaign_new
from campaigns.views.listing import campaign_list
from campaigns.views.message import message
from campaigns.views.outbox import outbox_html, outbox_list, outbox_message
from campaigns.views.pictures import picture_delete, picture_list
from campaigns.views.preview import preview, preview_html, test_send
from campaigns.views.recipients import (
    campaign_again,
    campaign_recipients,
    campaign_recipients_csv,
)
from campaigns.views.starting import campaign_start

urlpatterns = [
    path("", campaign_list, name="campaign_list"),
    path("/new", campaign_new, name="campaign_new"),
    path("/<int:pk>", campaign_detail, name="campaign_detail"),
    path("/<int:pk>/edit", campaign_edit, name="campaign_edit"),
    path("/<int:pk>/audience", campaign_audience, name="campaign_audience"),
    path("/<int:pk>/audience/<slug:reason>", campaign_people, name="campaign_people"),
    path("/<int:pk>/message", message, name="campaign_message"),
    path("/<int:pk>/preview", preview, name="campaign_preview"),
    path("/<int:pk>/preview.html", preview_html, name="campaign_preview_html"),
    path("/<int:pk>/test", test_send, name="campaign_test"),
    path("/<int:pk>/start", campaign_start, name="campaign_start"),
    path("/<int:pk>/recipients", campaign_recipients, name="campaign_recipients"),
    path("/<int:pk>/recipients.csv", campaign_recipients_csv, name="campaign_recipients_csv"),
    path("/<int:pk>/again", campaign_again, name="campaign_again"),
    path("/<int:pk>/duplicate", actions.campaign_duplicate, name="campaign_duplicate"),
    path("/<int:pk>/delete", actions.campaign_delete, name="campaign_delete"),
    path("/<int:pk>/pause", actions.campaign_pause, name="campaign_pause"),
    path("/<int:pk>/resume", actions.campaign_resume, name="campaign_resume"),
    path("/<int:pk>/cancel", actions.campaign_cancel, name="campaign_cancel"),
    path("/pictures", picture_list, name="picture_list"),
    path("/pictures/<int:pk>/delete", picture_delete, name="picture_delete"),
    path("/outbox", outbox_list, name="outbox_list"),
    path("/outbox/<int:pk>", outbox_message, name="outbox_message"),
    path("/outbox/<int:pk>.html", outbox_html, name="outbox_html"),
]
