from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        from contacts.consents import erase_consents, merge_consents
        from contacts.erasure import on_erase
        from contacts.imports.field_uses import imports_by_field
        from contacts.imports.forgetting import erase_refused, hold_refused
        from contacts.merging import on_merge
        from contacts.personal import (
            CONSENTS,
            EARLIER_VALUES,
            FIELDS,
            IDENTITIES_KNOWN,
            on_export_person,
        )
        from contacts.standing import consents_foretold
        from contacts.usage import on_ask

        for section in (FIELDS, EARLIER_VALUES, IDENTITIES_KNOWN, CONSENTS):
            on_export_person(section)
        on_ask(imports_by_field)
        on_erase(erase_refused, locker=hold_refused)
        on_erase(erase_consents)
        on_merge(merge_consents, foretell=consents_foretold)
