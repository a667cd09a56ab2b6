"""The form of how a channel's messages leave: the channel's fields, and the chosen adapter's."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.forms import BoundField

from campaigns.channels.adapters import Adapter, Field, WayFacts
from campaigns.channels.secrets import Unreadable
from campaigns.channels.ways import CHANNEL_FIELDS, MOST_PER_SECOND
from contacts.problems import Refused

PER_SECOND: Final = "per_second"
STORED: Final = "One is stored. Leave it empty to keep it."


class WayForm(forms.Form):
    """Takes everything as text; campaigns.channels.ways.set_way says what is wrong with it."""

    def __init__(self, *, way: WayFacts, adapter: Adapter, data: Any = None) -> None:
        self.way = way
        self.adapter = adapter
        self._own = [field.key for field in CHANNEL_FIELDS[way.channel]]
        self._stored = _stored_secrets(way) if way.adapter == adapter.name else set()
        fields = [*CHANNEL_FIELDS[way.channel]]
        if not way.is_from_environment:
            fields += adapter.fields
        super().__init__(data, initial=_initial(way, fields))
        for field in fields:
            self.fields[field.key] = self._control(field)
            if field.is_secret and not field.is_required and field.key in self._stored:
                self.fields[f"forget_{field.key}"] = forms.BooleanField(
                    label=f"Forget the stored {field.label.lower()}", required=False
                )
        self.fields[PER_SECOND] = forms.CharField(
            label="At most, in messages a second",
            required=False,
            max_length=10,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            help_text=f"Empty: as fast as it goes. At most {MOST_PER_SECOND:,}.",
        )

    def _control(self, field: Field) -> forms.Field:
        is_stored = field.is_secret and field.key in self._stored
        hints = [field.help, STORED if is_stored else ""]
        options: dict[str, Any] = {
            "label": field.label,
            "required": field.is_required and not is_stored,
            "error_messages": {"required": f"“{field.label}” is needed."},
            "help_text": " ".join(hint for hint in hints if hint),
        }
        if field.kind == "choice":
            return forms.ChoiceField(choices=list(field.choices), **options)
        options["widget"] = _widget(field)
        return forms.CharField(strip=not field.is_secret, max_length=field.longest, **options)

    def own_fields(self) -> list[BoundField]:
        """The channel's, whoever delivers."""
        return [self[key] for key in self._own]

    def adapter_fields(self) -> list[BoundField]:
        return [self[key] for key in self.fields if key not in self._own and key != PER_SECOND]

    def throttle(self) -> BoundField:
        return self[PER_SECOND]

    def raw(self) -> dict[str, str]:
        return {
            key: "1" if value is True else str(value or "")
            for key, value in self.cleaned_data.items()
        }

    def refuse(self, refused: Refused) -> None:
        for problem in refused.problems:
            self.add_error(problem.path if problem.path in self.fields else None, problem.message)


def _widget(field: Field) -> forms.Widget:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    if field.kind == "multiline":
        return forms.Textarea(attrs={"rows": 3, **attributes})
    if field.is_secret:
        return forms.PasswordInput(attrs={"autocomplete": "new-password"})
    modes = {"number": "numeric", "digits": "numeric", "email": "email", "url": "url"}
    if mode := modes.get(field.kind):
        attributes["inputmode"] = mode
    return forms.TextInput(attrs=attributes)


def _initial(way: WayFacts, fields: list[Field]) -> dict[str, Any]:
    """Never a secret."""
    values = {field.key: field.default for field in fields if not field.is_secret}
    values |= {key: value for key, value in way.config.items() if key in values}
    return {**values, PER_SECOND: way.per_second or ""}


def _stored_secrets(way: WayFacts) -> set[str]:
    try:
        return set(way.secrets)
    except Unreadable:
        return set()
