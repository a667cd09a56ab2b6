"""Template filters for what is said about segments."""

from __future__ import annotations

from django import template

from segments.words import why

register = template.Library()
register.filter("why", why)
