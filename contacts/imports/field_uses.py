"""Which imports fill a field; an answer to contacts.usage."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from contacts.imports.mapping import key_of
from contacts.imports.reading import PREFIX
from contacts.models import ContactImport
from contacts.usage import Kind, Use

State = ContactImport.State


def imports_by_field(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    """Those that run keep it; one that waits for its owner is mended, as a draft is."""
    found: dict[str, list[Use]] = {}
    if kind != "field":
        return found
    wanted = set(keys)
    for one in ContactImport.objects.filter(state__in=(State.READY, State.TRYING, State.RUNNING)):
        page = reverse("import_detail", args=[one.pk])
        use = Use(f"Import {one.name}", page, is_draft=one.state != State.RUNNING)
        targets = [entry for entry in one.mapping if entry["target"].startswith(PREFIX)]
        for key in wanted.intersection(map(key_of, targets)):
            found.setdefault(key, []).append(use)
    return found
