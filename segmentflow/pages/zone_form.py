"""Choosing a time zone."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django import forms


class ZoneForm(forms.Form):
    time_zone = forms.ChoiceField(
        help_text="“Today”, “this month” and dates without a time begin at midnight here.",
        error_messages={"invalid_choice": "Choose a time zone from the list."},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as Django's form takes them
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]


@cache
def zone_choices() -> list[tuple[str, str]]:
    """Every zone; those that are named after places first, as people look for them."""
    names = sorted(zoneinfo.available_timezones())
    places = [name for name in names if "/" in name and not name.startswith("Etc/")]
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)] + [
        (name, name) for name in names if name not in {*places, "UTC"}
    ]
