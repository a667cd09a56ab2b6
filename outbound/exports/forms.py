"""The form of an export, and of what is asked in it the export that is wanted."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.conf import settings

from contacts.problems import Refused
from outbound.exports.models import Export
from outbound.exports.schedule import WEEKDAYS
from outbound.exports.snapshot import columns_known
from outbound.exports.wanted import LONGEST_NAME, LONGEST_URL, MOST_KEPT, USUAL_PATTERN, Wanted
from segments.models import Segment

USUAL = ("id", "external_id", "email", "first_name", "last_name", "entered_at")
CODE = {"spellcheck": "false", "autocapitalize": "none", "class": "code"}


class ExportForm(forms.Form):
    use_required_attribute = False  # some are asked for by others' answers alone

    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        to_field_name="key",
        label="Members of",
        empty_label="Choose a segment",
    )
    name = forms.CharField(max_length=LONGEST_NAME, help_text="Such as “To the warehouse”.")
    kind = forms.ChoiceField(label="Format", choices=Export.Kind.choices)
    is_gzip = forms.BooleanField(label="Compress it (gzip)", required=False)
    columns = forms.MultipleChoiceField(
        label="Fields",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one field."},
    )
    schedule = forms.ChoiceField(label="How often", choices=Export.Schedule.choices)
    at = forms.TimeField(
        label="At",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="On",
        required=False,
        coerce=int,
        choices=list(enumerate(WEEKDAYS, start=1)),
        widget=forms.CheckboxSelectMultiple,
    )
    place = forms.ChoiceField(
        label="The file goes to", choices=Export.Place.choices, widget=forms.RadioSelect
    )
    folder = forms.CharField(
        label="Folder", required=False, max_length=200, widget=forms.TextInput(attrs=CODE)
    )
    pattern = forms.CharField(
        label="File name",
        max_length=200,
        widget=forms.TextInput(attrs=CODE),
        help_text="Without its ending. {segment}, {date} and {time} are filled in; a name without"
        " them is written over each time.",
    )
    keeps = forms.IntegerField(
        label="Keep so many files",
        min_value=1,
        max_value=MOST_KEPT,
        help_text="Older files of this export are removed.",
    )
    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={**CODE, "inputmode": "url"}),
        help_text="Such as an address that a storage service signed for you. {segment}, {date} and"
        " {time} are filled in. Addresses in your own network are refused unless the operator allows them.",
    )
    method = forms.ChoiceField(
        label="Sent by",
        choices=Export.Method.choices,
        help_text="PUT stores a file, as storage services want it. POST comes with a signature, as webhooks do.",
    )

    def __init__(self, *args: Any, zone: str, export: Export | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("columns", columns_known())
        if self.is_bound:
            self._require()
        self.fields["at"].help_text = f"On the clock of the workspace ({zone})."
        top = settings.EXPORTS_DIR
        self.fields["folder"].help_text = f"Below {top}. Empty: {top} itself."
        if export:
            del self.fields["segment"]
        else:
            chosen: Any = self.fields["segment"]
            chosen.queryset = Segment.objects.exclude(status=Segment.Status.ARCHIVED)

    def _require(self) -> None:
        """What counts only for another choice may be missing."""
        place, schedule = self.data.get("place"), self.data.get("schedule")
        for name in ("pattern", "keeps"):
            self.fields[name].required = place == Export.Place.FOLDER
        for name in ("url", "method"):
            self.fields[name].required = place == Export.Place.URL
        self.fields["at"].required = schedule != Export.Schedule.HAND

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def wanted(self) -> Wanted:
        """What was asked for; what does not count for the chosen place is as usual."""
        given = self.cleaned_data
        return Wanted(
            name=given["name"],
            columns=tuple(given["columns"]),
            kind=given["kind"],
            is_gzip=given["is_gzip"],
            schedule=given["schedule"],
            at=given["at"] or time(6, 0),
            weekdays=tuple(given["weekdays"]),
            place=given["place"],
            folder=given["folder"].strip("/"),
            pattern=given["pattern"] or USUAL_PATTERN,
            keeps=given["keeps"] or 30,
            method=given["method"] or Export.Method.PUT,
            url=given["url"],
        )

    def refuse(self, refused: Refused) -> None:
        """Each problem where it can be put right."""
        for problem in refused.problems:
            self.add_error(problem.path if problem.path in self.fields else None, problem.message)


def initial(wanted: Wanted | None) -> dict[str, Any]:
    if wanted is None:
        return {
            "columns": USUAL,
            "schedule": Export.Schedule.DAILY,
            "at": time(6, 0),
            "place": Export.Place.FOLDER,
            "pattern": USUAL_PATTERN,
            "keeps": 30,
        }
    return {
        name: getattr(wanted, name)
        for name in (
            *("name", "columns", "kind", "is_gzip", "schedule", "at", "weekdays", "place"),
            *("folder", "pattern", "keeps", "method", "url"),
        )
    }
