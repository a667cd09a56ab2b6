"""Addresses of the segments' pages, below /segments."""

from __future__ import annotations

from django.urls import path

from segments import views

urlpatterns = [
    path("", views.segment_list, name="segment_list"),
    path("/<slug:key>", views.segment_detail, name="segment_detail"),
    path("/<slug:key>/members.csv", views.segment_csv, name="segment_csv"),
]
