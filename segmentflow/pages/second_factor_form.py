"""Choosing who has to have a second factor."""

from __future__ import annotations

from django import forms

from segmentflow.signin.policy import CHOICES


class SecondFactorForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label="Who needs a second factor",
        choices=CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Whoever has none yet is led to set it up before anything else. Without a tick, everybody"
        " decides for themselves.",
        error_messages={"invalid_choice": "Choose from the list."},
    )
