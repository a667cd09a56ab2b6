from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns.delivery.entering import follow_flips
        from campaigns.push.addresses import browsers_foretold, merge_browsers
        from contacts.merging import on_merge
        from segments.engine.store import on_flips

        on_flips(follow_flips)
        on_merge(merge_browsers, foretell=browsers_foretold)
