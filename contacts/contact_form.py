"""The form of a contact: each field with a control for its type, saved as programs save it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, get_current_timezone_name, localtime

from contacts.built_in import SHOWN
from contacts.changing import change_contact
from contacts.models import Contact, Field, FieldTypes
from contacts.problems import Problem
from contacts.rows import BUILT_IN, ContactRow
from contacts.showing import BELOW
from contacts.values import in_zone, instant

UNSET = ""


class TextField(forms.CharField):
    """As it was written, but for the line ends that browsers change."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or "")


class MomentField(TextField):
    """A time of the workspace; browsers write the same one in more than one way."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = (instant(str(one or "")) for one in (initial, data))
        if before and after and (before.tzinfo is None) == (after.tzinfo is None):
            return before != after
        return super().has_changed(initial, data)


class Ticks(forms.CheckboxSelectMultiple):
    """Choices of a list, which are one line each elsewhere."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return "\n".join(data.getlist(name) if hasattr(data, "getlist") else data.get(name, ()))

    def format_value(self, value: Any) -> list[str]:
        return str(value or "").replace("\r\n", "\n").split("\n")


class ContactForm(forms.Form):
    """Of all fields, or of `only` one, by its name."""

    def __init__(self, data: Any = None, *, contact: Contact, only: str = "") -> None:
        super().__init__(data)
        self.contact = contact
        self.problems: list[Problem] = []
        """What was found when it was stored."""
        self.types: dict[str, str] = {}
        for built_in in SHOWN:
            if only in ("", built_in.key):
                self.initial[built_in.key] = getattr(contact, built_in.key)
                self.fields[built_in.key] = _text_field(
                    built_in.label, built_in.description, self.initial[built_in.key]
                )
        fields = Field.objects.filter(archived_at=None)
        for field in fields.filter(key=only.removeprefix(BELOW)) if only else fields:
            if only in ("", BELOW + field.key):
                self._add(field)
        for one in self.fields.values():
            # What is compared is what the form showed, not what others have stored since.
            one.show_hidden_initial = True

    def _add(self, field: Field) -> None:
        name = BELOW + field.key
        self.types[name] = field.type
        self.initial[name] = as_text(self.contact.attributes.get(field.key), field.type)
        self.fields[name] = _control(field, self.initial[name])

    @property
    def built_in(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.types]

    @property
    def additional(self) -> list[forms.BoundField]:
        return [self[name] for name in self.types]

    def save(self, *, now: datetime) -> bool:
        """Store what was changed; False when it is refused, and the form says why."""
        if not self.is_valid():
            return False
        if not self.changed_data:
            return True
        result = change_contact(row=self._row(), now=now)
        self.problems = result.errors.get(0, [])
        for problem in self.problems:
            self._say(problem)
        return not result.errors

    def _row(self) -> ContactRow:
        """Only what was changed, so that nothing is taken back that others stored meanwhile."""
        changed: Mapping[str, str] = {name: self.cleaned_data[name] for name in self.changed_data}
        return ContactRow(
            id=self.contact.pk,
            built_in={name: text for name, text in changed.items() if name in BUILT_IN},
            attributes={
                name.removeprefix(BELOW): as_value(text, self.types[name])
                for name, text in changed.items()
                if name in self.types
            },
        )

    def _say(self, problem: Problem) -> None:
        self.add_error(problem.path if problem.path in self.fields else None, problem.message)


def as_text(value: Any, type_: str = FieldTypes.TEXT) -> str:
    """A stored value as it is typed; see `as_value`."""
    match value:
        case None:
            return UNSET
        case str() if type_ == FieldTypes.DATETIME:
            return _local(value)
        case bool():
            return "true" if value else "false"
        case list():
            return "\n".join(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def as_value(text: str, type_: str) -> Any:
    """What was typed as a value of the type; as the text where it is none, to be refused."""
    match type_:
        case _ if text == UNSET:
            return None
        case FieldTypes.BOOLEAN:
            return {"true": True, "false": False}.get(text, text)
        case FieldTypes.NUMBER:
            return _number(text.strip())
        case FieldTypes.LIST:
            return [line for line in map(str.strip, text.split("\n")) if line] or None
        case FieldTypes.DATE:
            return text.strip()
        case FieldTypes.DATETIME:
            return _moment(text.strip())
        case _:
            return text


def _local(text: str) -> str:
    """A stored time as the control for it takes one, in the shortest way: in the zone of the
    workspace, and no more exact than browsers are."""
    at = instant(text)
    if at is None:
        return f"{text}T00:00"  # a day alone
    if at.tzinfo is not None:
        at = localtime(at).replace(tzinfo=None)
    written = at.isoformat(timespec="milliseconds").rstrip("0").rstrip(".")
    return at.isoformat(timespec="minutes") if not (at.second or at.microsecond) else written


def _moment(text: str) -> str:
    at = instant(text)
    if at is None or at.tzinfo is not None:
        return text
    return in_zone(at, get_current_timezone()).isoformat().replace("+00:00", "Z")


def _number(text: str) -> int | Decimal | str:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    if not exact.is_finite() or exact.adjusted() > 1_000:
        return text
    return int(exact) if exact == exact.to_integral_value() and "." not in text else exact


def _control(field: Field, stored: str) -> forms.Field:
    label, help_text = str(field), field.description
    match field.type:
        case FieldTypes.BOOLEAN:
            options = [(UNSET, "Not set"), ("true", "Yes"), ("false", "No")]
            return forms.ChoiceField(
                choices=options, required=False, label=label, help_text=help_text
            )
        case FieldTypes.TEXT if field.choices:
            return _choice_field(field, stored)
        case FieldTypes.DATE:
            widget: forms.Widget = forms.DateInput(attrs={"type": "date"})
        case FieldTypes.DATETIME:
            widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"})
            help_text = " ".join(filter(None, [help_text, f"In {get_current_timezone_name()}."]))
            return MomentField(widget=widget, label=label, help_text=help_text)
        case FieldTypes.NUMBER:
            widget = forms.TextInput(attrs={"inputmode": "decimal"})
        case FieldTypes.LIST if field.choices:
            ticks = Ticks(choices=[(one, one) for one in _offered(field, stored.split("\n"))])
            return TextField(widget=ticks, label=label, help_text=help_text)
        case FieldTypes.LIST:
            widget = forms.Textarea(attrs={"rows": 3})
            help_text = " ".join(filter(None, [help_text, "One value a line."]))
        case _:
            return _text_field(label, help_text, stored)
    return TextField(widget=widget, label=label, help_text=help_text)


def _text_field(label: str, help_text: str, stored: str) -> TextField:
    # An input of one line would lose the line ends.
    widget = forms.Textarea(attrs={"rows": 3}) if "\n" in stored else forms.TextInput()
    return TextField(widget=widget, label=label, help_text=help_text)


def _choice_field(field: Field, stored: str) -> forms.ChoiceField:
    """Contacts may have values that are not among the choices."""
    values = [choice for choice in field.choices if isinstance(choice, str)]
    others = [stored] if stored not in values else []
    options = [(UNSET, "Not set"), *((value, value) for value in (*others, *values) if value)]
    return forms.ChoiceField(
        choices=options, required=False, label=str(field), help_text=field.description
    )


def _offered(field: Field, stored: list[str]) -> list[str]:
    """What the list has, in its order, and then what else it may have."""
    return [one for one in dict.fromkeys([*stored, *field.choices]) if one and isinstance(one, str)]
