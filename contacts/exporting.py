"""Contacts as a file to take away: as a list shows them, with chosen fields, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from contacts.built_in import LABELS
from contacts.columns import PREFIX
from contacts.files.writing import csv_lines, json_lines
from contacts.models import Field
from contacts.rows import BUILT_IN
from contacts.selecting import Selection
from contacts.selectors import contacts_after
from segmentflow.api.rendering import as_text

BITE: Final = 2_000
"""Contacts read at once."""
TIMES: Final = ("created_at", "updated_at")
KINDS: Final = {"csv": "CSV", "jsonl": "JSON Lines"}


def exportable() -> list[tuple[str, str]]:
    """Columns that a file can have, with what people call them."""
    own = [(name, LABELS.get(name, name)) for name in BUILT_IN]
    fields = [(PREFIX + field.key, str(field)) for field in Field.objects.all()]
    return [
        ("id", "ID"),
        *own,
        *fields,
        ("created_at", "Creation date"),
        ("updated_at", "Change date"),
    ]


def export_lines(*, kind: str, columns: Sequence[str], selection: Selection) -> Iterator[str]:
    """The lines of a file; its columns are called as an import would know them."""
    return lines_of(kind=kind, columns=columns, contacts=_all_contacts(selection))


def lines_of(
    *, kind: str, columns: Sequence[str], contacts: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """The same of contacts as data, whoever reads them."""
    if kind == "csv":
        names = [column.removeprefix(PREFIX) for column in columns]
        return csv_lines(names, ([_value(one, column) for column in columns] for one in contacts))
    return json_lines(_chosen(one, columns) for one in contacts)


def _all_contacts(selection: Selection) -> Iterator[dict[str, Any]]:
    """In bites, so that many contacts need little memory and no long transaction."""
    after = 0
    while bite := contacts_after(after, limit=BITE, selection=selection):
        after = bite[-1]["id"]
        for contact in bite:
            yield contact | {name: as_text(contact[name]) for name in TIMES}


def _value(contact: Mapping[str, Any], column: str) -> Any:
    if column.startswith(PREFIX):
        return contact["attributes"].get(column.removeprefix(PREFIX))
    return contact[column]


def _chosen(contact: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """As the API shows a contact, without what was not chosen."""
    found = {column: contact[column] for column in columns if column in contact}
    keys = [column.removeprefix(PREFIX) for column in columns if column.startswith(PREFIX)]
    if keys:
        values = contact["attributes"]
        found["attributes"] = {key: values[key] for key in keys if key in values}
    return found
