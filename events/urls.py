"""Addresses of the events' pages, below /events."""

from __future__ import annotations

from django.urls import path

from events.views.feed import event_feed
from events.views.sending import send_events
from events.views.types import event_type_detail, event_type_list, event_type_new

urlpatterns = [
    path("", event_feed, name="event_feed"),
    path("/types", event_type_list, name="event_type_list"),
    path("/types/new", event_type_new, name="event_type_new"),
    path("/types/<int:pk>", event_type_detail, name="event_type_detail"),
    path("/send", send_events, name="send_events"),
]
