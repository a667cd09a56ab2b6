"""Addresses of the contacts' part of the API, below /api/v1/ (segmentflow/api/urls.py)."""

from __future__ import annotations

from django.urls import re_path

from contacts import api

urlpatterns = [
    re_path(r"^contacts$", api.ContactsView.as_view()),
    re_path(r"^contacts/batch$", api.ContactBatchView.as_view()),
    re_path(r"^contacts/(?P<contact_id>[0-9]{1,18})$", api.ContactView.as_view()),
    re_path(r"^fields$", api.FieldsView.as_view()),
    re_path(r"^fields/(?P<key>[A-Za-z0-9_]+)$", api.FieldView.as_view()),
]
