"""What a new API key is called, what it may do, for how long and how much; and changing the latter."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms

from segmentflow.api.limits import MOST, USUAL_EVENTS, USUAL_REQUESTS
from segmentflow.clock import current_time, workspace_zone
from segmentflow.models import ApiKey

EXPLAINED = {
    ApiKey.Scope.INGEST: ", for programs that report what happens: shops, apps, tills",
    ApiKey.Scope.READ: ": contacts, events, segments and their members",
    ApiKey.Scope.WRITE: ", and contacts, which it may also erase",
    ApiKey.Scope.AUDIT: ": who changed what, and from where",
}
LIVES: Final = timedelta(days=365)
"""As the form proposes it."""
LAST_YEAR: Final = 9990


class LimitsForm(forms.Form):
    expires_on = forms.DateField(
        label="Expires on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="It works until the end of this day. Leave it empty for a key that never expires.",
    )
    requests_per_second = forms.IntegerField(
        label="Requests a second, at most",
        required=False,
        min_value=1,
        max_value=MOST,
        help_text="Leave it empty for no limit. Whoever sends more is told when to try again.",
    )
    events_per_second = forms.IntegerField(
        label="Events and contacts a second, at most",
        required=False,
        min_value=1,
        max_value=MOST,
        help_text="However many come in one request. Leave it empty for no limit.",
    )

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day.year > LAST_YEAR:
            raise forms.ValidationError("Choose an earlier day, or none.")
        if day < _today() and self.has_changed() and "expires_on" in self.changed_data:
            raise forms.ValidationError("This day has passed. To end a key at once, revoke it.")
        return day

    @property
    def limits(self) -> dict[str, Any]:
        """Of a form that is valid, as keys have them."""
        day = self.cleaned_data["expires_on"]
        return {
            "expires_at": _end_of(day) if day else None,
            "requests_per_second": self.cleaned_data["requests_per_second"],
            "events_per_second": self.cleaned_data["events_per_second"],
        }


class KeyForm(LimitsForm):
    name = forms.CharField(
        max_length=100,
        help_text="What uses it, such as “Web shop”. One key for each program: then one can be"
        " revoked without stopping the others.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(scope.value, scope.label + EXPLAINED[scope]) for scope in ApiKey.Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="Give it only what the program needs. It cannot be changed later.",
    )

    field_order = ("name", "scopes", "expires_on", "requests_per_second", "events_per_second")

    def clean_name(self) -> str:
        """So that people can tell keys apart, and a page loaded again makes no second one."""
        name: str = self.cleaned_data["name"]
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError("A key that works has this name already. Choose another.")
        return name

    @property
    def values(self) -> dict[str, Any]:
        sent = self.cleaned_data
        return {"name": sent["name"], "scopes": sent["scopes"], **self.limits}


def proposed() -> dict[str, Any]:
    """For a new key."""
    return {
        "expires_on": _today() + LIVES,
        "requests_per_second": USUAL_REQUESTS,
        "events_per_second": USUAL_EVENTS,
    }


def limits_of(key: ApiKey) -> dict[str, Any]:
    """As the form has them."""
    return {
        "expires_on": _last_day(key.expires_at) if key.expires_at else None,
        "requests_per_second": key.requests_per_second,
        "events_per_second": key.events_per_second,
    }


class RotateForm(forms.Form):
    days = forms.TypedChoiceField(
        label="The old key expires in",
        coerce=int,
        choices=[(1, "1 day"), (7, "7 days"), (30, "30 days"), (90, "90 days")],
        help_text="Until then both work, so that programs can change over one after the other.",
    )


def _today() -> date:
    return current_time().astimezone(workspace_zone()).date()


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=workspace_zone())


def _last_day(at: datetime) -> date:
    return (at.astimezone(workspace_zone()) - timedelta(microseconds=1)).date()
