"""The form in which somebody records what a contact decided about a channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from contacts.changing import change_contact
from contacts.consents import consents_of
from contacts.decisions import LONGEST_SOURCE, STATES, Decision, state_of
from contacts.models import Channel, Contact
from contacts.rows import ContactRow
from contacts.values import instant, is_storable

NEVER = "never"
LONGEST_NOTE = 120


class ConsentForm(forms.Form):
    state = forms.ChoiceField(
        label="Consent", choices=[("subscribed", "Subscribed"), ("unsubscribed", "Unsubscribed")]
    )
    at = forms.CharField(
        label="Decided",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"}),
        help_text="Empty for now.",
    )
    note = forms.CharField(
        label="How we know",
        required=False,
        max_length=LONGEST_NOTE,
        help_text="Such as “by phone”. Kept as proof, with your name.",
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, contact: Contact, channel: Channel) -> None:
        # Two of them may stand on one page.
        super().__init__(data, auto_id=f"id_{channel.value}_%s")
        self.contact, self.channel = contact, channel
        self.held = consents_of([contact.pk]).get(contact.pk, {}).get(channel.value)
        self.initial["shown"] = self.standing
        if self.held:
            self.initial["state"] = state_of(subscribed=not self.held.subscribed)

    @property
    def standing(self) -> str:
        """What holds, as a word that another decision would change."""
        return self.held.at.isoformat() if self.held else NEVER

    def clean_at(self) -> str:
        text = str(self.cleaned_data["at"]).strip()
        if text and instant(text) is None:
            raise forms.ValidationError("This is no time. Write it such as 2026-03-31T09:00.")
        return text

    def clean_note(self) -> str:
        note = str(self.cleaned_data["note"]).strip()
        if not is_storable(note):
            raise forms.ValidationError("A text cannot hold such a character.")
        return note

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("shown") != self.standing:
            # What is sent next answers what is shown then.
            self.data = {name: self.data.get(name, "") for name in self.data}
            self.data["shown"] = self.standing
            self.add_error(None, "Somebody else recorded a decision meanwhile. Look at it first.")
        return self.cleaned_data

    def save(self, *, by: str, now: datetime) -> bool:
        """Record it; False when the form says why not."""
        if not self.is_valid():
            return False
        sent = self.cleaned_data
        source = ": ".join(filter(None, [by, sent["note"]]))[:LONGEST_SOURCE]
        at = instant(sent["at"]) if sent["at"] else None
        decision = Decision(self.channel.value, STATES[sent["state"]], source, at)
        row = ContactRow(id=self.contact.pk, consents=(decision,))
        result = change_contact(row=row, now=now)
        for problem in result.errors.get(0, []):
            self.add_error(None, problem.message)
        return not result.errors
