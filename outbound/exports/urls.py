"""Addresses of exports, below /exports."""

from __future__ import annotations

from django.urls import path

from outbound.exports.views.changing import (
    export_delete,
    export_edit,
    export_new,
    export_pause,
    export_resume,
    export_run,
)
from outbound.exports.views.pages import export_detail, export_file

urlpatterns = [
    path("/new", export_new, name="export_new"),
    path("/<int:pk>", export_detail, name="export_detail"),
    path("/<int:pk>/edit", export_edit, name="export_edit"),
    path("/<int:pk>/run", export_run, name="export_run"),
    path("/<int:pk>/pause", export_pause, name="export_pause"),
    path("/<int:pk>/resume", export_resume, name="export_resume"),
    path("/<int:pk>/delete", export_delete, name="export_delete"),
    path("/<int:pk>/files/<int:run>", export_file, name="export_file"),
]
