"""The parts that pages are made of; templates/ui/components.html shows every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from segmentflow.documentation.screens import section_for

register = template.Library()

TONES = ("neutral", "accent", "good", "warn", "bad")
SPARKLINE = (96, 24)
"""Width and height of the drawing, in its own units."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing that says nothing to screen readers; the words stand beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        _strokes(name),
    )


@cache
def _strokes(name: str) -> SafeString:
    svg = render_to_string(f"ui/icons/{name}.svg")
    return mark_safe(svg.partition(">")[2].rpartition("</svg>")[0].strip())  # noqa: S308 - our own file


@register.simple_tag
def badge(text: object, tone: str = "neutral") -> SafeString:
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"a badge's tone is one of {', '.join(TONES)}")
    return format_html('<span class="badge badge-{}">{}</span>', tone, text)


@register.simple_tag
def ago(at: datetime | None) -> SafeString:
    """How long ago, or in how long; the exact time on hover."""
    if at is None:
        return mark_safe('<span class="text-secondary">never</span>')
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        exactly(at),
        naturaltime(at),
    )


@register.filter
def exactly(at: datetime) -> str:
    """A moment in the workspace's time zone, to the second."""
    return date_format(localtime(at), "j F Y, H:i:s e")


@register.simple_tag
def number(amount: float) -> SafeString:
    return format_html('<span class="figure">{}</span>', intcomma(amount))


@register.simple_tag
def count(amount: int, one: str, many: str = "") -> str:
    """`count 2 "contact"` says "2 contacts"."""
    return f"{intcomma(amount)} {one if amount == 1 else many or one + 's'}"


@register.inclusion_tag("ui/_bar.html")
def bar(done: float, total: float, label: str) -> dict[str, Any]:
    """A share of something as a bar."""
    return {"percent": _percent(done, total), "label": label}


@register.inclusion_tag("ui/_progress.html")
def progress(done: int, total: int, label: str) -> dict[str, Any]:
    """How far something has come, with the numbers."""
    return {"percent": _percent(done, total), "done": done, "total": total, "label": label}


def _percent(done: float, total: float) -> float:
    return round(min(1.0, max(0.0, done / total)) * 100, 1) if total else 0.0


@register.inclusion_tag("ui/_sparkline.html")
def sparkline(values: Sequence[float], label: str) -> dict[str, Any]:
    """A small line of how something developed; the label says it in words."""
    return {
        "points": _points(values),
        "label": label,
        "width": SPARKLINE[0],
        "height": SPARKLINE[1],
    }


def _points(values: Sequence[float]) -> str:
    if not values:
        return ""
    width, height = SPARKLINE
    low, high = min(values), max(values)
    step = (width - 4) / max(1, len(values) - 1)
    scale = (height - 6) / (high - low) if high > low else 0.0
    floor = height - 3 if scale else height / 2
    return " ".join(
        f"{2 + index * step:.1f},{floor - (value - low) * scale:.1f}"
        for index, value in enumerate(values)
    )


@register.inclusion_tag("ui/_sort_header.html", takes_context=True)
def sort_header(context: Context, name: str, label: str, kind: str = "") -> dict[str, Any]:
    """A column's head that sorts by it; a second time, the other way round."""
    current = context.get("sort", "")
    order = {name: "ascending", f"-{name}": "descending"}.get(str(current))
    parameters = context["request"].GET.copy()
    for stale in ("page", "after", "before"):
        parameters.pop(stale, None)
    parameters["sort"] = f"-{name}" if order == "ascending" else name
    return {
        "order": order,
        "label": label,
        "kind": kind,
        "query": urlencode(parameters, doseq=True),
    }


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One field of a form: label, control, help and what is wrong with it."""
    return {
        "field": bound,
        "control": bound.as_widget(attrs=_attributes(bound)),
        "is_check": isinstance(bound.field.widget, CheckboxInput),
        "is_group": _is_group(bound),
    }


def _is_group(bound: BoundField) -> bool:
    return isinstance(bound.field.widget, CheckboxSelectMultiple | RadioSelect)


def _attributes(bound: BoundField) -> dict[str, str | bool]:
    """Django itself adds what describes the control and whether it is wrong."""
    widget = bound.field.widget
    if _is_group(bound):
        return {}
    if isinstance(widget, CheckboxInput):
        look = "form-check-input"
    else:
        look = "form-select" if isinstance(widget, Select) else "form-control"
    own = f" {kept}" if (kept := widget.attrs.get("class")) else ""
    return {"class": look + own + (" is-invalid" if bound.errors else "")}


@register.simple_block_tag
def card(content: str, title: str, id: str) -> str:  # noqa: A002 - it is HTML's name
    """A titled part of a page."""
    return render_to_string("ui/_card.html", {"content": content, "title": title, "id": id})


@register.simple_block_tag
def empty(content: str, title: str, icon: str = "circle-dashed") -> str:
    """Where a list would be: why there is nothing, and what to do next."""
    return render_to_string("ui/_empty.html", {"content": content, "title": title, "icon": icon})


@register.simple_block_tag(takes_context=True)
def search_bar(
    context: Context,
    content: str,
    placeholder: str,
    value: str = "",
    target: str = "#main",
    path: str = "",
) -> str:
    """Search and what narrows a list; between the tags, more controls with their labels.

    `path`: of the list, where the page may also be the answer to a form of another address.
    """
    return render_to_string(
        "ui/_search_bar.html",
        {
            "content": content,
            "placeholder": placeholder,
            "value": value,
            "target": target,
            "path": path or context["request"].path,
            "sort": context.get("sort", ""),
        },
    )


@register.simple_tag(takes_context=True)
def live(context: Context, target: str, seconds: int = 2) -> SafeString:
    """Attributes of an element around a part that the page refreshes by itself."""
    return format_html(
        'hx-get="{}" hx-trigger="every {}s" hx-target="{}" hx-swap="morph:outerHTML"'
        ' hx-sync="this:drop" data-live',
        context["request"].get_full_path(),
        seconds,
        target,
    )


@register.simple_tag
def help_address(section: str) -> str:
    """Of a part of the documents, such as `conditions#all-operators`."""
    key, mark, anchor = section.partition("#")
    page = reverse("documentation_page", args=[key]) if key else reverse("documentation")
    return page + mark + anchor


@register.simple_tag(takes_context=True)
def help_here(context: Context) -> str:
    """The address of what helps with this screen (segmentflow/documentation/screens.py)."""
    match = context["request"].resolver_match
    return help_address(section_for(match.url_name if match else None))
