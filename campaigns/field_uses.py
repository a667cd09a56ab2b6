"""Which campaigns name a field of contacts in their messages; an answer to contacts.usage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.models import Campaign
from campaigns.rendering.liquid import Liquid
from campaigns.rendering.problems import TemplateProblem
from campaigns.targeted import OVER, page_of
from contacts.usage import Kind, Use


def campaigns_by_field(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    """Those that may still send. A draft can be mended, so it keeps no field from being deleted."""
    found: dict[str, list[Use]] = {}
    if kind != "field":
        return found
    wanted = set(keys)
    for campaign in Campaign.objects.exclude(status__in=OVER):
        is_draft = campaign.status == Campaign.Status.DRAFT
        use = Use(f"Campaign {campaign.name}", page_of(campaign.pk), is_draft=is_draft)
        for key in wanted & fields_in(content_of(campaign)):
            found.setdefault(key, []).append(use)
    return found


def content_of(campaign: Campaign) -> Any:
    """What is sent: what was frozen at the start, where it has started."""
    return (campaign.frozen or {}).get("content", campaign.content)


def fields_in(content: Any) -> set[str]:
    """Keys of all fields that templates anywhere in it name; those that cannot be read name none."""
    return {key for text in _texts(content) if "contact" in text for key in _fields_of(text)}


def _texts(content: Any) -> Iterator[str]:
    match content:
        case str():
            yield content
        case dict():
            for value in content.values():
                yield from _texts(value)
        case list():
            for value in content:
                yield from _texts(value)


def _fields_of(text: str) -> Iterator[str]:
    try:
        template = Liquid(text).template
    except TemplateProblem:
        return
    variables = template.analyze(include_partials=False).globals if template else {}
    for one in variables.get("contact", ()):
        _, *rest = one.segments
        if rest and isinstance(rest[0], str):
            yield rest[0]
