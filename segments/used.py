"""The answer to contacts.usage for many at once: segments, and where they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from contacts.usage import Kind, Use
from segments.selectors import users_by_ref


def segments_by_key(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    return {
        key: [Use(user.name, reverse("segment_detail", args=[user.key])) for user in users]
        for key, users in users_by_ref(kind=kind, refs=keys).items()
    }
