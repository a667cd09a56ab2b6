from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns.delivery.entering import follow_flips
        from campaigns.field_uses import campaigns_by_field
        from campaigns.people import erase_messages, merge_messages, messages_foretold
        from campaigns.personal import SECTIONS
        from campaigns.profile import MESSAGES
        from campaigns.push.addresses import browsers_foretold, merge_browsers
        from campaigns.targeted import campaigns_by_segment
        from campaigns.wakes import look, tidying_looks
        from contacts.erasure import on_erase
        from contacts.merging import on_merge
        from contacts.personal import on_export_person
        from contacts.profile import on_profile
        from contacts.usage import on_ask
        from segments.engine.store import on_flips
        from segments.engine.watch import on_look
        from segments.usage import on_ask_segment

        on_flips(follow_flips)
        on_look(look)
        on_look(tidying_looks().look)
        on_erase(erase_messages)
        on_merge(merge_messages, foretell=messages_foretold)
        on_merge(merge_browsers, foretell=browsers_foretold)
        for section in SECTIONS:
            on_export_person(section)
        on_profile(MESSAGES)
        on_ask_segment(campaigns_by_segment)
        on_ask(campaigns_by_field)
