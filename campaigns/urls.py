"""Addresses of the campaigns' pages, below /campaigns."""

from __future__ import annotations

from django.urls import path

from campaigns.views.listing import campaign_list

urlpatterns = [
    path("", campaign_list, name="campaign_list"),
]
