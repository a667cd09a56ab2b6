from __future__ import annotations

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "outbound"
    verbose_name = "Outbound"

    def ready(self) -> None:
        from contacts.erasure import on_erase
        from contacts.merging import on_merge
        from contacts.personal import on_export_person
        from outbound.webhooks.people import TOLD, erase_moves, merge_moves, moves_foretold

        on_erase(erase_moves)
        on_merge(merge_moves, foretell=moves_foretold)
        on_export_person(TOLD)
