"""What a contact has in a column, as a cell of a table shows it.

In Python and not in a template, for a page has as many as fifteen hundred of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.timezone import localtime

from contacts.columns import TIMES, Column
from contacts.models import Contact, FieldTypes
from contacts.showing import drawn
from segmentflow.templatetags.ui import ago, exactly

LONGEST = 120
MOST_OF_A_LIST = 3
NOTHING = mark_safe(
    '<span class="not-set" aria-hidden="true">–</span><span class="visually-hidden">Not set</span>'
)


def cell(contact: Contact, column: Column) -> SafeString:
    if column.key in TIMES:
        return ago(getattr(contact, column.key))
    stored = contact.attributes.get(column.field) if column.field else getattr(contact, column.key)
    kind, value = drawn(column.type, stored)
    return _shown(kind, value)


def _shown(kind: str, value: Any) -> SafeString:
    match kind, value:
        case "", _:
            return NOTHING
        case FieldTypes.BOOLEAN, _:
            return format_html("{}", "Yes" if value else "No")
        case FieldTypes.NUMBER, _:
            return format_html('<span class="figure">{}</span>', intcomma(str(value)))
        case FieldTypes.DATETIME, datetime():
            local = localtime(value) if value.tzinfo else value
            return format_html(
                '<time datetime="{}" title="{}">{}</time>',
                value.isoformat(),
                exactly(value) if value.tzinfo else "",
                date_format(local, "j F Y, H:i"),
            )
        case FieldTypes.DATE, date():
            return format_html("{}", date_format(value, "j F Y"))
        case FieldTypes.LIST, list():
            return _list(value)
        case _:
            return _text(str(value))


def _text(text: str) -> SafeString:
    if len(text) <= LONGEST:
        return format_html("{}", text)
    return format_html('<span title="{}">{}</span>', text[:1000], Truncator(text).chars(LONGEST))


def _list(values: list[Any]) -> SafeString:
    texts = [str(value) for value in values]
    shown = ", ".join(Truncator(text).chars(40) for text in texts[:MOST_OF_A_LIST])
    more = len(texts) - MOST_OF_A_LIST
    if more <= 0:
        return format_html("{}", shown)
    whole = Truncator(", ".join(texts)).chars(1000)
    return format_html('<span title="{}">{} and {} more</span>', whole, shown, intcomma(more))
