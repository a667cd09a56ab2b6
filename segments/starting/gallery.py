"""All templates, in the order in which they are shown: own ones, then those that come along."""

from __future__ import annotations

from typing import Final

from segmentflow.users import name_of
from segments.starting.models import SavedTemplate
from segments.starting.scenarios import SCENARIOS
from segments.starting.template import Template
from segments.starting.usual import USUAL

TEMPLATES: Final = (*SCENARIOS, *USUAL)
BY_KEY: Final[dict[str, Template]] = {template.key: template for template in TEMPLATES}
CATEGORIES: Final = tuple(dict.fromkeys(template.category for template in TEMPLATES))
OWN_ICON: Final = "bookmark"


def own_templates() -> list[Template]:
    return [as_template(one) for one in SavedTemplate.objects.select_related("author")]


def template_of(key: str) -> Template | None:
    """One's own comes first, if a later version brings one with the same key."""
    saved = SavedTemplate.objects.select_related("author").filter(key=key).first()
    return as_template(saved) if saved else BY_KEY.get(key)


def as_template(saved: SavedTemplate) -> Template:
    return Template(
        key=saved.key,
        name=saved.name,
        description=saved.description,
        category=saved.category,
        icon=OWN_ICON,
        definition=saved.definition,
        fields={one["key"]: one for one in saved.fields},
        event_types={one["key"]: one for one in saved.event_types},
        author=name_of(saved.author) if saved.author else "",
        is_own=True,
    )


def categories() -> list[str]:
    """Of all templates, by name."""
    own = SavedTemplate.objects.values_list("category", flat=True)
    return sorted({*CATEGORIES, *own})
