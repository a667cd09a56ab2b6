"""Forms of event types; they save through events/registry.py."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.forms import ServiceForm
from events.attributes import LONGEST_PATH
from events.models import EventType
from events.registry import create_event_type, update_event_type
from events.rows import LONGEST_TYPE
from events.sampled import Sample
from segmentflow.clock import current_time

LABEL_HELP = "What people read instead of the key."
VALUE_HELP = "The number that sums, averages and “at least 100 in total” are about."
FILLED_HELP = (
    f"{VALUE_HELP} Another choice is copied to the stored events in the background;"
    " meanwhile all segments stay as right as they are."
)


class NewEventTypeForm(ServiceForm):
    key = forms.CharField(
        label="Key",
        strip=False,
        max_length=LONGEST_TYPE,
        help_text="Its name exactly as the events are sent. It cannot change later.",
    )
    label = forms.CharField(required=False, max_length=100, help_text=LABEL_HELP)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    value_attribute = forms.CharField(
        label="Value attribute",
        strip=False,
        required=False,
        max_length=LONGEST_PATH,
        help_text=f"{VALUE_HELP} Such as “amount” or “order.total”.",
    )

    class Meta:
        model = EventType
        fields = ("key", "label", "description", "value_attribute")

    def apply(self) -> EventType:
        return create_event_type(raw=dict(self.cleaned_data), now=current_time())


class EventTypeForm(ServiceForm):
    label = forms.CharField(required=False, max_length=100, help_text=LABEL_HELP)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    value_attribute = forms.ChoiceField(
        label="Value attribute", required=False, help_text=FILLED_HELP
    )
    archived = forms.BooleanField(
        label="Archived",
        required=False,
        help_text="Its events are still stored, but conditions cannot refer to it. Refused while something uses it.",
    )

    class Meta:
        model = EventType
        fields = ("label", "description", "value_attribute")

    def __init__(self, *args: Any, sample: Sample, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sample = sample
        self.initial["archived"] = self.instance.archived_at is not None
        choices = self.fields["value_attribute"]
        assert isinstance(choices, forms.ChoiceField)  # noqa: S101 - says so to the type checker
        choices.choices = [("", "None"), *((path, self._said(path)) for path in self._numbers())]

    def _numbers(self) -> list[str]:
        """Attributes that have held a number, and the one that is chosen."""
        known = self.instance.attributes
        found = {path for path, seen in known.items() if "number" in seen["types"]}
        current = self.initial.get("value_attribute")
        return sorted(found | {current} if current else found)

    def _said(self, path: str) -> str:
        if not self.sample.events:
            return path
        return f"{path} ({self.sample.number_percent(path)} % numbers)"

    def apply(self) -> EventType:
        raw = {
            name: value for name, value in self.cleaned_data.items() if name in self.changed_data
        }
        return update_event_type(event_type=self.instance, raw=raw, now=current_time())
