"""What the pages show of an import: its columns with what can be chosen, and its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from contacts.built_in import SHOWN
from contacts.decisions import PREFIX as CONSENT
from contacts.files.records import BadLine
from contacts.files.styles import LABELS, date_styles, number_styles
from contacts.imports.guesses import NEW, sampled
from contacts.imports.mapping import key_of, mapping_of, new_fields
from contacts.imports.reading import PREFIX, first_rows
from contacts.models import Channel, ContactImport, Field, FieldTypes
from contacts.problems import Problem
from contacts.rows import BUILT_IN, ContactRow
from contacts.services import try_contacts

ROWS: Final = 20
LONGEST: Final = 80
Choice = tuple[str, str]


@dataclass(slots=True)
class Column:
    """One of the file, with where it can go and how it may be written."""

    place: int
    name: str
    examples: Sequence[str]
    target: str
    styles: Sequence[Choice]
    style: str
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Shown:
    """A row of the file, as the mapping reads it."""

    line: int
    cells: Sequence[tuple[str, bool]]
    """Texts, and whether something is wrong with them."""
    problems: Sequence[str]


def columns_of(one: ContactImport, problems: Sequence[Problem] = ()) -> list[Column]:
    said: dict[str, list[str]] = {}
    for problem in problems:
        said.setdefault(problem.path, []).append(problem.message)
    return [
        Column(
            place,
            name,
            [_text(value) for value in sample[:3]],
            entry["target"],
            [(style, LABELS[style]) for style in _styles(sample)],
            entry["style"],
            said.get(f"columns[{place}]", []),
        )
        for place, (name, entry, sample) in enumerate(
            zip(one.columns, one.mapping, sampled(one), strict=True)
        )
    ]


def targets() -> list[tuple[str, list[Choice]]]:
    """In groups: what every contact has, what admins have defined, what can be defined."""
    fields = Field.objects.filter(archived_at=None)
    return [
        ("Built-in fields", [(one.key, one.label) for one in SHOWN]),
        ("Consents", [(CONSENT + one, f"{one.label} consent") for one in Channel]),
        ("Additional fields", [(PREFIX + one.key, str(one)) for one in fields]),
        ("New field", [(NEW + value, label) for value, label in FieldTypes.choices]),
    ]


def shown_rows(one: ContactImport) -> tuple[list[str], list[Shown]]:
    """The names of the columns that are imported, and the first rows with what is wrong with them."""
    places = [place for place, entry in enumerate(one.mapping) if entry["target"]]
    reading = mapping_of(one)
    rows = first_rows(one, most=ROWS)
    wrong: dict[int, Sequence[Problem]] = {}
    good: dict[int, ContactRow] = {}
    for number, row in enumerate(rows):
        contact = reading.contact_of(row.values)
        if isinstance(contact, list):
            wrong[number] = contact
        else:
            good[number] = contact
    tried = try_contacts(rows=list(good.values()), new_fields=new_fields(one))
    wrong |= {list(good)[index]: problems for index, problems in tried.errors.items()}
    keys = {place: _path(one.mapping[place]) for place in places}
    shown = [
        _shown(row.line, row.values, keys, wrong.get(number, ())) for number, row in enumerate(rows)
    ]
    return [one.columns[place] for place in places], shown


def _shown(line: int, values: Any, keys: Mapping[int, str], problems: Sequence[Problem]) -> Shown:
    said = [problem.message for problem in problems]
    if isinstance(values, BadLine):
        return Shown(line, [("", False) for _ in keys], said)
    bad = {problem.path.removeprefix(PREFIX) for problem in problems}
    # Of a consent, what is wrong may be a part.
    bad |= {".".join(path.split(".")[:2]) for path in bad if path.startswith(CONSENT)}
    cells = [
        (_text(values[place]) if place < len(values) else "", key in bad)
        for place, key in keys.items()
    ]
    return Shown(line, cells, said)


def _path(entry: Mapping[str, str]) -> str:
    return entry["target"] if entry["target"] in BUILT_IN else key_of(entry)


def _styles(sample: Sequence[Any]) -> list[str]:
    """What has to be asked: only where the values can be read in more than one way."""
    texts = [value for value in sample if isinstance(value, str)]
    return next(
        (styles for styles in (date_styles(texts), number_styles(texts)) if len(styles) > 1), []
    )


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
