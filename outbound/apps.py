from __future__ import annotations

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "outbound"
    verbose_name = "Outbound"

    def ready(self) -> None:
        from campaigns.channels.sealing import on_seal_anew
        from contacts.erasure import on_erase
        from contacts.merging import on_merge
        from contacts.personal import on_export_person
        from contacts.usage import on_ask
        from outbound.alerts.wakes import looks
        from outbound.exports.models import Export
        from outbound.exports.usage import exports_by_field, exports_by_segment
        from outbound.exports.wakes import Looking
        from outbound.webhooks.fields import webhooks_by_field
        from outbound.webhooks.models import Webhook
        from outbound.webhooks.noting import note_flips, note_swap
        from outbound.webhooks.people import TOLD, erase_moves, merge_moves, moves_foretold
        from outbound.webhooks.used import webhooks_by_segment
        from outbound.webhooks.wakes import look, tidying_looks
        from segments.engine.store import on_flips
        from segments.engine.swap import on_swap
        from segments.engine.watch import on_look
        from segments.usage import on_ask_segment

        on_flips(note_flips)
        on_swap(note_swap)
        on_look(look)
        on_look(tidying_looks().look)
        on_look(Looking().look)
        on_look(looks().look)
        on_erase(erase_moves)
        on_merge(merge_moves, foretell=moves_foretold)
        on_export_person(TOLD)
        on_ask_segment(webhooks_by_segment)
        on_ask_segment(exports_by_segment)
        on_ask(webhooks_by_field)
        on_ask(exports_by_field)
        on_seal_anew(Webhook, "secret", "former_secret")
        on_seal_anew(Export, "sealed")
