"""Addresses below /docs."""

from __future__ import annotations

from django.urls import path

from segmentflow.documentation import views

urlpatterns = [
    path("", views.first_page, name="documentation"),
    path("search", views.search, name="documentation_search"),
    path("<path:key>", views.page, name="documentation_page"),
]
