"""Addresses of exports in the API, below /api/v1/."""

from __future__ import annotations

from django.urls import re_path

from outbound.exports import api

EXPORT = r"^exports/(?P<pk>[0-9]{1,18})"

urlpatterns = [
    re_path(r"^exports$", api.ExportsView.as_view()),
    re_path(rf"{EXPORT}$", api.ExportView.as_view()),
    re_path(rf"{EXPORT}/run$", api.ExportRunView.as_view()),
    re_path(rf"{EXPORT}/runs$", api.ExportRunsView.as_view()),
]
