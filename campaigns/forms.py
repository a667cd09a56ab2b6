"""What people say about a campaign on its pages, besides the message itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.utils.timezone import get_current_timezone, localtime

from campaigns.checks import MOST_DAYS, MOST_MINUTES, NAME_LENGTH
from campaigns.difference import UNITS, unit_of
from campaigns.models import Campaign
from contacts.models import Channel

EDITOR: Final = "campaign-form"
"""Id of the form that the controls of the editor belong to, wherever they stand."""
MINUTES: Final = dict(UNITS)
MOST_AMOUNT: Final = MOST_MINUTES
USUAL_DAYS: Final = 30
WALL: Final = "%Y-%m-%dT%H:%M"


class NewCampaignForm(forms.Form):
    name = forms.CharField(
        max_length=NAME_LENGTH,
        help_text="Only you and your colleagues read it.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    channel = forms.ChoiceField(
        choices=Channel.choices, initial=Channel.EMAIL, widget=forms.RadioSelect
    )


class WallTimeField(forms.DateTimeField):
    """A time on the clocks of the workspace; of one that comes twice a year, the first."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WALL)

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            naive = datetime.fromisoformat(str(value).strip()).replace(tzinfo=None)
        except ValueError:
            raise forms.ValidationError("Choose a day and a time.") from None
        if not 2000 <= naive.year < 2100:
            raise forms.ValidationError("Choose a time in this century.")
        at = naive.replace(tzinfo=get_current_timezone())
        if at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != naive:
            raise forms.ValidationError("This time does not exist: the clocks go forward then.")
        return at


class CampaignForm(forms.Form):
    """Everything but the message and the segments. What is valid is stored, whatever is not."""

    name = forms.CharField(max_length=NAME_LENGTH)
    channel = forms.ChoiceField(choices=Channel.choices)
    holdout_percent = forms.IntegerField(min_value=0, max_value=99, required=False)
    ignores_cap = forms.BooleanField(required=False)
    ignores_quiet_hours = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=Campaign.Kind.choices)
    starts_at = WallTimeField(required=False)
    is_local = forms.BooleanField(required=False)
    delay = forms.IntegerField(min_value=0, max_value=MOST_AMOUNT, required=False)
    delay_unit = forms.ChoiceField(choices=[(unit, unit) for unit, _ in reversed(UNITS)])
    again = forms.ChoiceField(choices=[("once", "Once ever"), ("days", "Again after some days")])
    again_days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)

    def __init__(self, data: Any = None, *, campaign: Campaign) -> None:
        super().__init__(data, initial=shown(campaign), use_required_attribute=False)
        for name, one in self.fields.items():
            look = "form-select" if isinstance(one.widget, forms.Select) else "form-control"
            is_check = isinstance(one.widget, forms.CheckboxInput)
            one.widget.attrs |= {
                "form": EDITOR,
                "class": "form-check-input" if is_check else look,
                "aria-describedby": f"error-{name}",
            }

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        minutes = (given.get("delay") or 0) * MINUTES.get(given.get("delay_unit", ""), 1)
        if minutes > MOST_MINUTES:
            self.add_error("delay", "A delay is at most 365 days.")
        if given.get("again") == "days" and "again_days" in given and not given["again_days"]:
            self.add_error("again_days", "After how many days?")
        return given

    def changes(self) -> dict[str, Any]:
        """What can be stored of it, after it was cleaned."""
        given = self.cleaned_data
        same = ("name", "channel", "ignores_cap", "ignores_quiet_hours", "kind", "starts_at")
        found = {name: given[name] for name in (*same, "is_local") if name in given}
        if "holdout_percent" in given:
            found["holdout_percent"] = given["holdout_percent"] or 0
        if {"delay", "delay_unit"} <= given.keys():
            found["delay_minutes"] = (given["delay"] or 0) * MINUTES[given["delay_unit"]]
        if given.get("again") == "once":
            found["again_days"] = None
        elif {"again", "again_days"} <= given.keys():
            found["again_days"] = given["again_days"]
        return found


def shown(campaign: Campaign) -> dict[str, Any]:
    """What the controls show of it."""
    delay, unit = unit_of(campaign.delay_minutes)
    return {
        "name": campaign.name,
        "channel": campaign.channel,
        "holdout_percent": campaign.holdout_percent,
        "ignores_cap": campaign.ignores_cap,
        "ignores_quiet_hours": campaign.ignores_quiet_hours,
        "kind": campaign.kind,
        "starts_at": localtime(campaign.starts_at) if campaign.starts_at else None,
        "is_local": campaign.is_local,
        "delay": delay,
        "delay_unit": unit,
        "again": "days" if campaign.again_days else "once",
        "again_days": campaign.again_days or USUAL_DAYS,
    }
