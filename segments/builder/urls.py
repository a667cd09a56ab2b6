"""Addresses of the builder, below /segments/<key>/builder."""

from __future__ import annotations

from django.urls import path

from segments.builder.views.building import builder, builder_do, builder_others
from segments.builder.views.counting import builder_result, builder_values
from segments.builder.views.publishing import builder_publish
from segments.builder.views.testing import builder_test
from segments.builder.views.whole import builder_discard, builder_json

urlpatterns = [
    path("", builder, name="builder"),
    path("/do", builder_do, name="builder_do"),
    path("/result", builder_result, name="builder_result"),
    path("/values", builder_values, name="builder_values"),
    path("/test", builder_test, name="builder_test"),
    path("/publish", builder_publish, name="builder_publish"),
    path("/json", builder_json, name="builder_json"),
    path("/discard", builder_discard, name="builder_discard"),
    path("/others", builder_others, name="builder_others"),
]
