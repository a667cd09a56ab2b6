"""Which exports use a segment or a field; the answers to segments.usage and contacts.usage."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from contacts.columns import PREFIX
from contacts.usage import Kind
from contacts.usage import Use as FieldUse
from outbound.exports.models import Export
from segments.usage import Use


def exports_by_segment(keys: Sequence[str]) -> dict[str, list[Use]]:
    """One that is paused needs no members, so the segment may go into the archive."""
    found: dict[str, list[Use]] = {}
    rows = Export.objects.filter(segment__key__in=keys)
    for key, pk, name, is_paused in rows.values_list("segment__key", "pk", "name", "is_paused"):
        use = Use(f"Export {name}", reverse("export_detail", args=[pk]), is_over=is_paused)
        found.setdefault(key, []).append(use)
    return found


def exports_by_field(kind: Kind, keys: Sequence[str]) -> dict[str, list[FieldUse]]:
    """A field that stands in a file is not to be deleted."""
    found: dict[str, list[FieldUse]] = {}
    if kind != "field":
        return found
    names = {PREFIX + key: key for key in keys}
    for export in Export.objects.filter(columns__overlap=list(names)):
        use = FieldUse(f"Export {export.name}", reverse("export_detail", args=[export.pk]))
        for name in names.keys() & set(export.columns):
            found.setdefault(names[name], []).append(use)
    return found
