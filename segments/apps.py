from __future__ import annotations

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = "Segments"

    def ready(self) -> None:
        from contacts.bulk import on_bulk
        from contacts.changes import on_change
        from contacts.erasure import on_erase
        from contacts.merging import on_merge
        from contacts.narrowing import on_filter, on_narrow
        from contacts.personal import on_export_person
        from contacts.profile import on_profile
        from contacts.retyping.hooks import on_retype
        from contacts.usage import on_ask
        from segments.engine.locks import share_publishing
        from segments.engine.members import erase_contacts
        from segments.engine.merging import lists_foretold, merge_memberships
        from segments.engine.watch import on_look
        from segments.filtering import CONDITIONS
        from segments.listing_bulk import ADD, REMOVE
        from segments.overlap.recounting import recounting
        from segments.personal import MOVES, SEGMENTS_NOW
        from segments.profile import MEMBERS, SEGMENTS
        from segments.retyping import DEPENDANT
        from segments.used import segments_by_key
        from segments.wakes import wake

        on_change(wake)
        on_look(recounting().look)
        on_erase(erase_contacts, locker=share_publishing)
        on_merge(merge_memberships, foretell=lists_foretold, locker=share_publishing)
        on_ask(segments_by_key)
        on_narrow("segment", MEMBERS)
        on_filter(CONDITIONS)
        on_bulk(ADD)
        on_bulk(REMOVE)
        on_profile(SEGMENTS)
        on_export_person(SEGMENTS_NOW)
        on_export_person(MOVES)
        on_retype(DEPENDANT)
