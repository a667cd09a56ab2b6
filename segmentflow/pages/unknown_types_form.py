"""Choosing what happens with events of types that nobody has registered."""

from __future__ import annotations

from django import forms

from segmentflow.models import Workspace


class UnknownTypesForm(forms.Form):
    unknown_types = forms.ChoiceField(
        label="Events of unknown types",
        choices=Workspace.UnknownTypes.choices,
        widget=forms.RadioSelect,
        help_text="This holds for every way events come in. What is refused is listed on the page Event types.",
        error_messages={
            "invalid_choice": "Choose one of the two.",
            "required": "Choose one of the two.",
        },
    )
