from __future__ import annotations

from django.apps import AppConfig


class SegmentFlowConfig(AppConfig):
    name = "segmentflow"
    verbose_name = "SegmentFlow"
