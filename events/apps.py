from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        from contacts.erasure import on_erase
        from contacts.merging import on_merge
        from contacts.personal import on_export_person
        from contacts.profile import on_profile
        from events.erasure import erase_events
        from events.locks import share_types
        from events.merging import events_foretold, merge_events
        from events.personal import EVENTS
        from events.profile import TIMELINE

        on_erase(erase_events)
        on_merge(merge_events, foretell=events_foretold, locker=share_types)
        on_profile(TIMELINE)
        on_export_person(EVENTS)
