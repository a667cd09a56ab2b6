"""The form of an additional field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from contacts.fields import create_field, update_field
from contacts.members import LONGEST_LABEL
from contacts.models import Field, FieldTypes
from contacts.problems import Conflict, Problem, Refused


class FieldForm(forms.Form):
    """What can be changed of a field at any time."""

    label = forms.CharField(
        required=False, max_length=LONGEST_LABEL, help_text="What people call it."
    )
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For whoever wonders what it holds and where it comes from.",
    )
    choices = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One value a line, offered in forms and where conditions are written. Programs may send others.",
    )

    def __init__(self, *args: Any, field: Field | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        if field is not None:
            self.initial = {
                "label": field.label,
                "description": field.description,
                "choices": "\n".join(map(str, field.choices)),
                "archived": field.archived_at is not None,
            }

    def save(self, *, now: datetime) -> Field | None:
        """The field as it is stored now; None when it is refused, and the form says why."""
        field = self.field
        if field is None:
            return self._tried(lambda raw: create_field(raw=raw, now=now))
        return self._tried(lambda raw: update_field(field=field, raw=raw, now=now))

    def _tried(self, store: Callable[[dict[str, Any]], Field]) -> Field | None:
        if not self.is_valid():
            return None
        try:
            return store(self._as_sent())
        except Refused as refused:
            for problem in refused.problems:
                self._say(problem)
        except Conflict as conflict:
            # Of a new field its key is taken; another one is used and cannot be archived.
            self.add_error("key" if self.field is None else "archived", str(conflict))
        return None

    def _as_sent(self) -> dict[str, Any]:
        type_ = self.field.type if self.field else self.cleaned_data["type"]
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        return {**self.cleaned_data, "choices": [_choice(line, type_) for line in lines if line]}

    def _say(self, problem: Problem) -> None:
        name, _, place = problem.path.partition("[")
        said = f"Value {int(place[:-1]) + 1}: {problem.message}" if place else problem.message
        self.add_error(name if name in self.fields else None, said)


class NewFieldForm(FieldForm):
    key = forms.CharField(
        help_text="How programs and files name it, such as “Birthday”. It cannot change later."
    )
    type = forms.ChoiceField(
        choices=FieldTypes.choices,
        help_text="What its values are. It can change later, when values can be converted.",
    )

    field_order = ("label", "key", "type", "description", "choices")


class ChangedFieldForm(FieldForm):
    archived = forms.BooleanField(
        required=False,
        label="Archived",
        help_text="Hidden from the builder, forms and imports; refused while something uses it. Contacts keep their values, and it can be brought back.",
    )


def _choice(line: str, type_: str) -> object:
    """What somebody typed as a value of the type; as a text where it is none, to be refused."""
    match type_:
        case FieldTypes.NUMBER:
            try:
                return Decimal(line)
            except InvalidOperation:
                return line
        case FieldTypes.BOOLEAN:
            return {"yes": True, "no": False, "true": True, "false": False}.get(line.lower(), line)
        case _:
            return line
