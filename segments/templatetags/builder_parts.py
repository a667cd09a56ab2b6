"""Draws the parts of a row on the builder's canvas.

In Python and not in templates, for a definition of 300 conditions has thousands of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from segmentflow.templatetags.ui import icon
from segments.builder.changing import ADDED, PREFIX
from segments.builder.parts import (
    Block,
    Button,
    Control,
    Kind,
    Line,
    More,
    Option,
    Part,
    RowView,
    Words,
)

register = template.Library()

NO_ID = re.compile(r"[^A-Za-z0-9]+")
TYPED = (Kind.TEXT, Kind.NUMBER)
INPUTS = {
    Kind.TEXT: 'type="text" autocomplete="off"',
    Kind.NUMBER: 'type="text" inputmode="decimal" autocomplete="off"',
    Kind.DATE: 'type="date"',
    Kind.TIME: 'type="datetime-local" step="1"',
}


@register.simple_tag
def parts(row: RowView) -> SafeString:
    return mark_safe(_all(row.parts, row.id))  # noqa: S308 - everything in it is escaped below


def _all(parts: tuple[Part, ...], node: str) -> str:
    return "".join(_part(part, node) for part in parts)


def _part(part: Part, node: str) -> str:
    match part:
        case Words(text, tone):
            return f'<span class="w{f" w-{tone}" if tone else ""}">{escape(text)}</span>'
        case Control():
            return CONTROLS[part.kind](part, node) + _wrong(part, node)
        case Button():
            return _button(part)
        case Block():
            return _block(part, node)
        case More(inner, is_open):
            opened = " open" if is_open else ""
            return (
                f'<details class="more-parts"{opened}><summary title="More"'
                f' aria-label="More about this value">{icon("adjustments")}</summary>'
                f'<span class="more-inner">{_all(inner, node)}</span></details>'
            )


def _id(control: Control, node: str) -> str:
    return f"{node}-{NO_ID.sub('-', control.name)}"


def _attributes(control: Control, node: str) -> str:
    """What every control has: name, label, look, and whether it is wrong."""
    tone = f" c-{control.tone}" if control.tone else ""
    wrong = _look(control)
    typed = " typed" if control.kind in TYPED else ""
    described = f' aria-invalid="true" aria-describedby="{_id(control, node)}-wrong"'
    return (
        f'id="{_id(control, node)}" class="c c-{control.kind}{tone}{typed}{wrong}"'
        f' name="{PREFIX}{escape(control.name)}" aria-label="{escape(control.label)}"'
        f"{described if control.problem else ''}"
    )


def _look(control: Control) -> str:
    if not control.problem:
        return ""
    return " is-missing" if control.is_missing else " is-wrong"


def _wrong(control: Control, node: str) -> str:
    if not control.problem:
        return ""
    return f'<span id="{_id(control, node)}-wrong" class="wrong-words{_look(control)}">{escape(control.problem)}</span>'


def _select(control: Control, node: str) -> str:
    return (
        f"<select {_attributes(control, node)}>{_options(control.options, control.value)}</select>"
    )


@lru_cache(maxsize=4096)
def _options(options: tuple[Option, ...], value: str) -> str:
    return "".join(
        f'<option value="{escape(option.value)}"{" selected" if option.value == value else ""}>'
        f"{escape(option.label)}</option>"
        for option in options
    )


def _input(control: Control, node: str) -> str:
    suggest = " data-suggest" if control.suggests else ""
    return (
        f"<input {INPUTS[control.kind]} {_attributes(control, node)}"
        f' value="{escape(control.value)}" size="{_size(control.value)}"{suggest}>'
    )


def _size(value: str) -> int:
    """Characters wide, where the browser cannot fit the box to what is in it."""
    return max(6, min(24, len(value) + 1))


def _check(control: Control, node: str) -> str:
    checked = " checked" if control.value == "true" else ""
    name = f"{PREFIX}{escape(control.name)}"
    return (
        f'<label class="c-check"><input type="hidden" name="{name}" value="false">'
        f'<input type="checkbox" id="{_id(control, node)}" name="{name}" value="true"{checked}>'
        f" {escape(control.label)}</label>"
    )


def _values(control: Control, node: str) -> str:
    chips = "".join(
        f'<span class="value">{escape(value)}<button class="value-drop" type="submit" name="do"'
        f' value="drop:{escape(control.name)}[{index}]" aria-label="Remove {escape(value)}">'
        f"×</button></span>"
        for index, value in enumerate(control.values)
    )
    return f'<span class="values">{chips}{_adding(control, node)}</span>'


def _adding(control: Control, node: str) -> str:
    suggest = " data-suggest" if control.suggests else ""
    wrong = (
        f' aria-invalid="true" aria-describedby="{_id(control, node)}-wrong"'
        if control.problem
        else ""
    )
    look = _look(control)
    return (
        f'<input id="{_id(control, node)}" class="c c-add{look}" type="text" size="10"'
        f' name="{PREFIX}{escape(control.name)}{ADDED}" placeholder="Add a value"'
        f' aria-label="{escape(control.label)}: add one" autocomplete="off"{wrong}{suggest}>'
    )


CONTROLS: dict[Kind, Callable[[Control, str], str]] = {
    Kind.SELECT: _select,
    Kind.CHECK: _check,
    Kind.VALUES: _values,
    Kind.TEXT: _input,
    Kind.NUMBER: _input,
    Kind.DATE: _input,
    Kind.TIME: _input,
}


def _button(button: Button) -> str:
    drawn = icon(button.icon) if button.icon else ""
    said = (
        f' aria-label="{escape(button.label)}" title="{escape(button.label)}"'
        if button.is_quiet
        else ""
    )
    words = "" if button.is_quiet else escape(button.label)
    return (
        f'<button class="part-button{" is-quiet" if button.is_quiet else ""}" type="submit"'
        f' name="do" value="{escape(button.do)}"{said}>{drawn}{words}</button>'
    )


def _block(block: Block, node: str) -> str:
    title = f'<span class="block-title">{escape(block.title)}</span>' if block.title else ""
    head = _all(block.head, node)
    top = f'<div class="block-head">{title}{head}</div>' if title or head else ""
    lines = "".join(_line(line, node) for line in block.lines)
    buttons = "".join(_button(button) for button in block.foot)
    foot = f'<div class="block-foot">{buttons}</div>' if buttons else ""
    return f'<div class="block">{top}{lines}{foot}</div>'


def _line(line: Line, node: str) -> str:
    joint = f'<span class="joint">{escape(line.joint)}</span>' if line.joint else ""
    return f'<div class="line">{joint}{_all(line.parts, node)}</div>'
