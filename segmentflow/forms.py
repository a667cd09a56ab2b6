"""Form fields that several parts of the administration share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn, Protocol

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from segmentflow.exact import ExactEncoder


class Problem(Protocol):
    """What is wrong, where, in words for people."""

    @property
    def path(self) -> str: ...

    @property
    def message(self) -> str: ...


def as_errors(problems: Iterable[Problem], *, root: str = "") -> list[ValidationError]:
    """One line for each problem: "path: message"."""
    return [
        ValidationError(format_html("<code>{}</code>: {}", problem.path or root, problem.message))
        for problem in problems
    ]


class JsonTextField(forms.CharField):
    """JSON as text, kept as it was typed while it is wrong. Empty means None."""

    widget = forms.Textarea(attrs={"rows": 24, "cols": 100, "spellcheck": "false", "class": "code"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text, parse_constant=_refuse, parse_float=Decimal)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise ValidationError(f"This is no JSON ({place}): {error.msg}.") from None
        except (ValueError, RecursionError) as error:
            raise ValidationError(f"This is no JSON that can be read: {error}.") from None

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return msgspec.json.format(ExactEncoder().encode(value), indent=2)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")
