"""Values and changes of fields in words, for templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

from contacts.filled import Amount
from contacts.retyping import converting, wording
from contacts.retyping.models import FieldChange

register = template.Library()

register.filter("outcome", wording.outcome)
register.filter("turned", wording.turned)


@register.filter
def values(change: FieldChange) -> int:
    """How many contacts have a value."""
    return change.fit + change.unfit


@register.filter
def as_text(value: Any) -> str:
    """A stored value in one line; an empty one says so."""
    return converting.as_text(value) or "(an empty text)"


@register.filter
def as_shown(value: Any) -> str:
    """The same as people call it."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case list():
            return " · ".join(map(str, value))
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case _:
            return str(value)


@register.filter
def roughly(amount: Amount) -> str:
    """A number of contacts; of many, about how many."""
    said = intcomma(amount.count)
    return said if amount.is_exact else f"about {said}"
