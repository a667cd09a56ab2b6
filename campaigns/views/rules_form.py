"""The form of what holds for the messages of all campaigns."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.models import SendingRules


class RulesForm(forms.Form):
    """Takes everything as text; campaigns.rules.set_rules says what is wrong with it."""

    cap_messages = forms.CharField(
        label="Messages to a contact",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    cap_days = forms.CharField(
        label="Within days",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="At most so many over all campaigns. Leave both empty for no cap.",
    )
    quiet_from = forms.CharField(
        label="Quiet hours from",
        required=False,
        max_length=10,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    quiet_to = forms.CharField(
        label="Until",
        required=False,
        max_length=10,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="In the time zone of each contact. What falls into them is sent when they end.",
    )
    outbox_days = forms.CharField(
        label="Keep messages in the built-in outbox for days",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Empty: 30. Tests are kept for 7 at most.",
    )


def initial(rules: SendingRules) -> dict[str, Any]:
    return {
        "cap_messages": rules.cap_messages or "",
        "cap_days": rules.cap_days or "",
        "quiet_from": rules.quiet_from.strftime("%H:%M") if rules.quiet_from else "",
        "quiet_to": rules.quiet_to.strftime("%H:%M") if rules.quiet_to else "",
        "outbox_days": rules.outbox_days,
    }
