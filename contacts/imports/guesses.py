"""What the columns of a file probably are: by their names first, then by their values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from contacts.decisions import PREFIX as CONSENT
from contacts.fields import KEY, TAKEN
from contacts.files.cells import wrong_consent
from contacts.files.styles import are_serials, date_styles, number_styles
from contacts.imports.reading import PREFIX, first_rows
from contacts.models import Channel, ContactImport, Field, FieldTypes
from contacts.rows import BUILT_IN, IDENTITIES

SAMPLE: Final = 1_000
"""Rows looked at."""
NEW: Final = "new:"
"""Before the type of a field to be defined."""
ALIASES: Final[dict[str, str]] = {
    **{name.replace("_", ""): name for name in BUILT_IN},
    **dict.fromkeys(("mail", "emailaddress", "useremail"), "email"),
    **dict.fromkeys(("customerid", "userid", "contactid", "uid", "id"), "external_id"),
    **dict.fromkeys(("phonenumber", "mobile", "mobilephone", "telephone", "tel"), "phone"),
    **dict.fromkeys(("givenname", "forename", "vorname"), "first_name"),
    **dict.fromkeys(("surname", "familyname", "nachname"), "last_name"),
    **dict.fromkeys(("town", "ort"), "city"),
    **dict.fromkeys(("countrycode", "land"), "country"),
    **dict.fromkeys(("lang", "locale"), "language"),
    "tz": "timezone",
    "channel": "preferred_channel",
}
CHANNEL_NAMES: Final = {
    "email": Channel.EMAIL,
    "newsletter": Channel.EMAIL,
    "mail": Channel.EMAIL,
    "sms": Channel.SMS,
    "push": Channel.PUSH,
}
ABOUT_CONSENT: Final = re.compile(r"(consent|optin|subscribed|subscription|permission)s?")
OURS: Final = {"createdat", "updatedat", "enteredat", "id"}
"""What our own exports have besides, and nobody can set."""
ABOUT_DAYS = re.compile(r"date|day|birth|born|since|until|_at$|geburt|datum", re.IGNORECASE)
YES_OR_NO: Final = {"true", "false", "yes", "no"}


def guessed_mapping(one: ContactImport) -> tuple[list[dict[str, str]], str]:
    """For each column where it goes; and by which identity contacts are found."""
    columns: list[str] = one.columns
    samples = sampled(one)
    targets = _targets(columns)
    keys = {*Field.objects.values_list("key", flat=True)}
    mapping = []
    taken = {*targets}
    for column, target, sample in zip(columns, targets, samples, strict=True):
        if target is None and (consent := guessed_consent(column, sample)) not in taken:
            target = consent
            taken.add(consent)
        if target is None:
            entry = _new_field(column, sample, keys)
            keys.add(entry["key"])
        else:
            entry = {"target": target, "key": "", "style": ""}
        type_ = type_of(entry["target"])
        entry["style"] = certain(styles_for(type_, sample))
        mapping.append(entry)
    found_by = next((kind for kind in IDENTITIES if kind in targets), "")
    return mapping, found_by


def sampled(one: ContactImport) -> list[list[Any]]:
    """For each column, the values of the first rows that have one."""
    found: list[list[Any]] = [[] for _ in one.columns]
    for row in first_rows(one, most=SAMPLE):
        if isinstance(row.values, list):
            for values, value in zip(found, row.values, strict=False):
                value = value.strip() if isinstance(value, str) else value
                if value not in ("", None):
                    values.append(value)
    return found


def type_of(target: str | None, types: Mapping[str, str] | None = None) -> str:
    """What a target takes; built-in fields and nothing at all take text."""
    if not target:
        return FieldTypes.TEXT
    if target.startswith(NEW):
        return target.removeprefix(NEW)
    if not target.startswith(PREFIX):
        return FieldTypes.TEXT
    key = target.removeprefix(PREFIX)
    if types is None:
        types = dict(Field.objects.filter(key=key).values_list("key", "type"))
    return types.get(key, FieldTypes.TEXT)


def styles_for(type_: str, sample: Sequence[Any]) -> list[str]:
    """The ways in which all of these may be written; none where there is nothing to tell."""
    texts = [value for value in sample if isinstance(value, str)]
    if type_ in (FieldTypes.DATE, FieldTypes.DATETIME):
        return date_styles(texts)
    return number_styles(texts) if type_ == FieldTypes.NUMBER else []


def certain(styles: Sequence[str]) -> str:
    return styles[0] if len(styles) == 1 else ""


def _targets(columns: Sequence[str]) -> list[str | None]:
    """None: perhaps a new field."""
    fields = _names_of_fields()
    names = [_plain(column) for column in columns]
    found: list[str | None] = [None] * len(columns)
    taken: set[str] = set()
    for place, name in _surest_first(names):
        target = ALIASES.get(name) or fields.get(name)
        if target and target not in taken:
            found[place] = target
            taken.add(target)
        elif name in OURS:
            found[place] = ""
    return found


def _surest_first(names: Sequence[str]) -> list[tuple[int, str]]:
    """Whoever has `id` and `external_id` means the latter."""
    sure = {name.replace("_", "") for name in BUILT_IN}
    return sorted(enumerate(names), key=lambda one: (one[1] not in sure, one[1] == "id", one[0]))


def _names_of_fields() -> dict[str, str]:
    found: dict[str, str] = {}
    for field in Field.objects.filter(archived_at=None):
        found.setdefault(_plain(field.key), PREFIX + field.key)
        found.setdefault(_plain(field.label), PREFIX + field.key)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.removeprefix(PREFIX).lower())


def guessed_consent(column: str, sample: Sequence[Any]) -> str | None:
    """Where a column called such as `Email opt-in` or `consents.sms` goes, if its values allow it."""
    name = _plain(column)
    for called, channel in CHANNEL_NAMES.items():
        if called in name:
            rest = name.removesuffix(called) if name.endswith(called) else name.removeprefix(called)
            is_one = ABOUT_CONSENT.fullmatch(rest) or name == "newsletter"
            are_decisions = sample and not any(map(wrong_consent, sample))
            return f"{CONSENT}{channel}" if is_one and are_decisions else None
    return None


def _new_field(column: str, sample: Sequence[Any], keys: set[str]) -> dict[str, str]:
    name = column.removeprefix(PREFIX)
    target = NEW + guessed_type(name, sample)
    return {"target": target if sample else "", "key": free_key(name, keys), "style": ""}


def free_key(name: str, keys: set[str]) -> str:
    """A key for a field of this name that no other has."""
    key = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:56]
    if not KEY.fullmatch(key):
        key = f"Field_{key}".rstrip("_")[:56]
    found, number = key, 1
    while found in keys or found in TAKEN:
        number += 1
        found = f"{key}_{number}"
    return found


def guessed_type(name: str, sample: Sequence[Any]) -> str:
    """The narrowest type that takes all of the values."""
    texts = [value for value in sample if isinstance(value, str)]
    others = [value for value in sample if not isinstance(value, str)]
    if others:
        return FieldTypes.TEXT if texts else _json_type(others)
    if texts and all(text.lower() in YES_OR_NO for text in texts):
        return FieldTypes.BOOLEAN
    if number_styles(texts) and not any(re.match(r"0[0-9]", text) for text in texts):
        is_day = ABOUT_DAYS.search(name) and are_serials(texts)
        return FieldTypes.DATE if is_day else FieldTypes.NUMBER
    if [style for style in date_styles(texts) if style != "serial"]:
        has_clock = any(":" in text and "00:00:00" not in text for text in texts)
        return FieldTypes.DATETIME if has_clock else FieldTypes.DATE
    return FieldTypes.TEXT


def _json_type(values: Sequence[Any]) -> str:
    if all(isinstance(value, bool) for value in values):
        return FieldTypes.BOOLEAN
    if all(isinstance(value, list) for value in values):
        return FieldTypes.LIST
    return FieldTypes.TEXT if any(map(_is_no_number, values)) else FieldTypes.NUMBER


def _is_no_number(value: Any) -> bool:
    return isinstance(value, bool | list | dict)
