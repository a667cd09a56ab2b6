"""The answer to contacts.usage for many at once: segments and drafts, and where they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from contacts.usage import Kind, Use
from segments.drafting import drafts_naming
from segments.selectors import users_by_ref


def segments_by_key(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    found = {
        key: {user.key: Use(user.name, _page(user.key)) for user in users}
        for key, users in users_by_ref(kind=kind, refs=keys).items()
    }
    for draft in drafts_naming(kind, keys):
        use = Use(draft.name, _page(draft.key), is_draft=True)
        found.setdefault(draft.ref, {}).setdefault(draft.key, use)
    return {key: list(uses.values()) for key, uses in found.items()}


def _page(key: str) -> str:
    return reverse("segment_detail", args=[key])
