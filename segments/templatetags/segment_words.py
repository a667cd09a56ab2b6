"""Template filters and tags for what is said about segments."""

from __future__ import annotations

from django import template

from segments.words import why

register = template.Library()
register.filter("why", why)


@register.inclusion_tag("segments/_shares.html")
def shares(share: float, of_all: float, widest: float) -> dict[str, float]:
    """A share as a bar, with a mark where another one is; the numbers stand beside it."""
    scale = 100 / widest if widest else 0.0
    return {"share": share * scale, "mark": min(99.0, of_all * scale)}
