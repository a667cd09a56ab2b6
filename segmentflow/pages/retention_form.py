"""Choosing for how long events of a type, or the moves of all segments, are kept."""

from __future__ import annotations

from django import forms

from segmentflow.months import MOST_MONTHS


class MovesForm(forms.Form):
    months = forms.IntegerField(
        label="Keep moves for, in months",
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text="Leave it empty to keep them for ever.",
        error_messages={"invalid": "Write a whole number of months, or nothing."},
    )


class RetentionForm(forms.Form):
    months = forms.IntegerField(
        label="Keep events for, in months",
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text="Counted from when they occurred. Leave it empty to keep them for ever.",
        error_messages={"invalid": "Write a whole number of months, or nothing."},
    )


class AuditForm(forms.Form):
    months = forms.IntegerField(
        label="Keep the audit log for, in months",
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text="Leave it empty to keep it for ever.",
        error_messages={"invalid": "Write a whole number of months, or nothing."},
    )
