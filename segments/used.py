"""The answer to contacts.usage for many at once: segments, drafts and templates, with their pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from contacts.usage import Kind, Use
from segments.drafting import drafts_naming
from segments.selectors import users_by_ref
from segments.starting.models import SavedTemplate


def segments_by_key(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    found = {
        key: {user.key: Use(user.name, _page(user.key)) for user in users}
        for key, users in users_by_ref(kind=kind, refs=keys).items()
    }
    for draft in drafts_naming(kind, keys):
        use = Use(draft.name, _page(draft.key), is_draft=True)
        found.setdefault(draft.ref, {}).setdefault(draft.key, use)
    for template in SavedTemplate.objects.all():
        use = Use(
            template.name, reverse("segment_from_template", args=[template.key]), is_template=True
        )
        needed = template.fields if kind == "field" else template.event_types
        for need in needed:
            if need["key"] in keys:
                # No key of a segment begins with a dash.
                found.setdefault(need["key"], {})[f"-{template.key}"] = use
    return {key: list(uses.values()) for key, uses in found.items()}


def _page(key: str) -> str:
    return reverse("segment_detail", args=[key])
