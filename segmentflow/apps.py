from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SegmentFlowConfig(AppConfig):
    name = "segmentflow"
    verbose_name = "SegmentFlow"

    def ready(self) -> None:
        from django_q.signals import pre_execute

        from segmentflow.audit.keeping import forgetting_looks
        from segmentflow.logs.request_ids import adopt
        from segmentflow.roles import grant_rights
        from segments.engine.watch import on_look

        on_look(forgetting_looks().look)
        post_migrate.connect(grant_rights, sender=self)
        pre_execute.connect(adopt)
