"""Checks what admins enter about a way of sending, field by field, with sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns.channels.adapters import Field
from contacts.problems import Problem

CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
CONTROL_IN_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def cleaned(
    fields: Iterable[Field], raw: Mapping[str, str]
) -> tuple[dict[str, str], list[Problem]]:
    """What was entered, without what is empty; and what is wrong with it."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for field in fields:
        value = str(raw.get(field.key) or "")
        if not field.is_secret:
            value = value.strip()
        if not value:
            continue
        if wrong := _wrong(field, value):
            problems.append(Problem(field.key, "wrong_value", wrong))
        else:
            values[field.key] = value
    return values, problems


def required(fields: Iterable[Field], values: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(field.key, "missing", f"“{field.label}” is needed.")
        for field in fields
        if field.is_required and not values.get(field.key)
    ]


def _wrong(field: Field, value: str) -> str:
    if len(value) > field.longest:
        return f"That is longer than {field.longest} characters."
    control = CONTROL_IN_LINES if field.kind == "multiline" else CONTROL
    if control.search(value):
        return "Line breaks and other control characters cannot be in here."
    match field.kind:
        case "url":
            return wrong_address(value)
        case "email":
            return _wrong_email(value)
        case "number":
            fine = value.isascii() and value.isdecimal() and 0 < int(value[:9]) <= 65_535
            return "" if fine else "Write a whole number from 1 to 65,535."
        case "digits":
            fine = value.isascii() and value.isdecimal() and not value.startswith("0")
            return "" if fine else "Write digits only, without + and leading zeros."
        case "choice":
            return "" if value in dict(field.choices) else "Choose one of the list."
        case _:
            return ""


def _wrong_email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return "That is no email address."
    return ""


def wrong_address(value: str) -> str:
    """Of a server to which we speak: http or https, with a host, and without a password in it.

    Addresses in private networks are fine, because gateways stand there.
    """
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "That is no address."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "An address begins with http:// or https:// and a host."
    if parts.username or parts.password:
        return "Put the user and the password into the headers, not into the address."
    return ""
