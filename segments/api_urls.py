"""Addresses of the segments' part of the API, below /api/v1/ (segmentflow/api/urls.py)."""

from __future__ import annotations

from django.urls import re_path

from segments import api, api_explaining, api_insight, api_sizes, api_versions
from segments.starting import api as starting

SEGMENT = r"^segments/(?P<key>[A-Za-z0-9_-]+)"
TEMPLATE = r"^templates/(?P<key>[A-Za-z0-9_-]+)"
VERSION = rf"{SEGMENT}/versions/(?P<number>[0-9]{{1,18}})"

urlpatterns = [
    re_path(r"^segments$", api.SegmentsView.as_view()),
    re_path(r"^segments/preview$", api.PreviewView.as_view()),
    re_path(r"^segments/overlap$", api_insight.OverlapView.as_view()),
    re_path(rf"{SEGMENT}$", api.SegmentView.as_view()),
    re_path(rf"{SEGMENT}/members$", api.MembersView.as_view()),
    re_path(rf"{SEGMENT}/members\.csv$", api.MembersCsvView.as_view()),
    re_path(
        rf"{SEGMENT}/explain/(?P<contact_id>[0-9]{{1,18}})$",
        api_explaining.ExplainView.as_view(),
    ),
    re_path(rf"{SEGMENT}/transitions$", api.TransitionsView.as_view()),
    re_path(rf"{SEGMENT}/history$", api_sizes.HistoryView.as_view()),
    re_path(rf"{SEGMENT}/breakdown$", api_sizes.BreakdownView.as_view()),
    re_path(rf"{SEGMENT}/suggestions$", api_insight.SuggestionsView.as_view()),
    re_path(rf"{SEGMENT}/versions$", api_versions.VersionsView.as_view()),
    re_path(rf"{VERSION}$", api_versions.VersionView.as_view()),
    re_path(rf"{VERSION}/restore$", api_versions.RestoreVersionView.as_view()),
    re_path(rf"{VERSION}/compared/(?P<other>[0-9]{{1,18}})$", api_versions.ComparedView.as_view()),
    re_path(r"^templates$", starting.TemplatesView.as_view()),
    re_path(rf"{TEMPLATE}$", starting.TemplateView.as_view()),
    re_path(rf"{TEMPLATE}/create$", starting.TemplateCreateView.as_view()),
    re_path(r"^contacts/(?P<contact_id>[0-9]{1,18})/segments$", api.ContactSegmentsView.as_view()),
    re_path(r"^status$", api.StatusView.as_view()),
]
