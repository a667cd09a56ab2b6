"""CSV rows as the JSON that a program would have sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contacts.files.cells import Unfit, reader_of
from contacts.models import FieldTypes
from contacts.rows import BUILT_IN
from segmentflow.api.bodies import decode_json
from segmentflow.api.problems import ApiProblem

PREFIX = "attributes."


def contact_from_cells(cells: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    """Columns are built-in fields, or additional ones (with or without `attributes.`)."""
    contact: dict[str, Any] = {"attributes": {}}
    for column, text in cells.items():
        if column == "id":
            contact["id"] = _number(text)
        elif column in BUILT_IN:
            contact[column] = text
        else:
            key = column.removeprefix(PREFIX)
            contact["attributes"][key] = _typed(text, types.get(key, FieldTypes.TEXT))
    return contact


def event_from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """`contact` is an external id; `contact.email` and the like name another one."""
    event: dict[str, Any] = {"attributes": {}}
    for column, text in cells.items():
        if column == "contact":
            event["contact"] = {"external_id": text}
        elif column.startswith("contact."):
            kind = column.removeprefix("contact.")
            event.setdefault("contact", {})[kind] = _number(text) if kind == "id" else text
        elif column in ("type", "occurred_at", "message_id"):
            event[column] = text
        else:
            event["attributes"][column.removeprefix(PREFIX)] = text
    return event


def _typed(text: str, kind: str) -> Any:
    """What a cell means in a field of this type; what it cannot mean stays a text and is refused."""
    if kind not in (FieldTypes.NUMBER, FieldTypes.BOOLEAN, FieldTypes.LIST):
        return text
    try:
        return reader_of(kind)(text.strip())
    except Unfit:
        return text


def _number(text: str) -> Any:
    try:
        value = decode_json(text.strip().encode())
    except ApiProblem:
        return text
    return text if isinstance(value, bool | str | list | dict | None) else value
