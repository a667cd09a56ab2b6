"""All templates, in the order in which they are shown."""

from __future__ import annotations

from typing import Final

from segments.starting.scenarios import SCENARIOS
from segments.starting.template import Template
from segments.starting.usual import USUAL

TEMPLATES: Final = (*SCENARIOS, *USUAL)
BY_KEY: Final[dict[str, Template]] = {template.key: template for template in TEMPLATES}
