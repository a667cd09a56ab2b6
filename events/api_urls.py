"""Addresses of the events' part of the API, below /api/v1/ (segmentflow/api/urls.py)."""

from __future__ import annotations

from django.urls import re_path

from events import api

urlpatterns = [
    re_path(r"^events$", api.EventsView.as_view()),
    re_path(r"^contacts/(?P<contact_id>[0-9]{1,18})/events$", api.ContactEventsView.as_view()),
    re_path(r"^event-types$", api.EventTypesView.as_view()),
    # A key is a name as sent: with spaces, slashes and line breaks, when somebody sends them.
    re_path(r"^event-types/(?P<key>(?s:.+))$", api.EventTypeView.as_view()),
]
