from __future__ import annotations

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = "Segments"

    def ready(self) -> None:
        from contacts.changes import on_change
        from contacts.erasure import on_erase
        from segments.engine.members import erase_contacts
        from segments.tasks import wake

        on_change(wake)
        on_erase(erase_contacts)
