"""What a field takes shortly before its type changes: values that are of the new type as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contacts.files.cells import Unfit
from contacts.models import FieldTypes
from contacts.retyping.converting import converter
from segmentflow.clock import workspace_zone

Check = Callable[[Any], str | None]
"""A sentence about what is wrong with a value; None when nothing is."""


def arriving_check(before: str, becoming: dict[str, str]) -> Check:
    after = becoming["type"]
    convert = converter(before, after, becoming["style"], zone=workspace_zone())

    def check(value: Any) -> str | None:
        try:
            convert(value)
        except Unfit as unfit:
            label = FieldTypes(after).label
            return f"The type of this field is changing to “{label}” just now. {unfit}"
        return None

    return check
