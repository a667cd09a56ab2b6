"""Who else uses a segment, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.urls import reverse

from segments.drafting import drafts_naming
from segments.models import SegmentUse
from segments.selectors import users_by_ref


class Use(NamedTuple):
    """What uses a segment, and where it is shown."""

    name: str
    url: str
    """Empty when it has no page."""
    is_over: bool = False
    """It needs the segment's members no longer, so that the segment may be archived; what it
    says about itself still names the segment, so that the segment cannot be deleted."""
    is_draft: bool = False
    """A segment's draft may name what is gone, and is mended when somebody goes on with it."""


Answerer = Callable[[Sequence[str]], Mapping[str, Sequence[Use]]]
"""From the keys of segments to what uses each of them."""

_answerers: list[Answerer] = []


def on_ask_segment(answerer: Answerer) -> None:
    """Have `answerer` say what else uses segments; it runs where definitions are held, too."""
    if answerer not in _answerers:
        _answerers.append(answerer)


def uses_by_key(keys: Sequence[str]) -> dict[str, list[Use]]:
    """Everything that uses each segment: segments first, their drafts, then the rest, by name."""
    users = users_by_ref(kind=SegmentUse.Kind.SEGMENT, refs=keys)
    found = {key: [Use(user.name, _page(user.key)) for user in users[key]] for key in users}
    for draft in drafts_naming(SegmentUse.Kind.SEGMENT, keys):
        use, known = Use(draft.name, _page(draft.key), is_draft=True), users.get(draft.ref, ())
        if draft.key != draft.ref and all(user.key != draft.key for user in known):
            found.setdefault(draft.ref, []).append(use)
    for answerer in _answerers:
        for key, uses in answerer(keys).items():
            found.setdefault(key, []).extend(sorted(uses))
    return found


def uses_of_segment(key: str) -> list[Use]:
    return uses_by_key([key]).get(key, [])


def keeping_segment(key: str, *, also_over: bool) -> list[Use]:
    """What has to go before the segment can; for the archive, only what is not over."""
    uses = uses_of_segment(key)
    return [use for use in uses if not use.is_draft and (also_over or not use.is_over)]


def _page(key: str) -> str:
    return reverse("segment_detail", args=[key])
