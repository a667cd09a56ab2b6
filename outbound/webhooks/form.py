"""What admins choose about a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.problems import Refused
from outbound.webhooks.checking import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_WAIT_MS,
    MOST_MOVES,
    Wanted,
)
from outbound.webhooks.fields import choices
from outbound.webhooks.models import Webhook
from segments.models import Segment

EVERY, CHOSEN = "every", "chosen"


class WebhookForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME, help_text="Such as “CRM” or “Loyalty app”.")
    url = forms.CharField(
        label="Address",
        max_length=3_000,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}
        ),
        help_text="Requests are sent there with POST, such as https://example.com/segments.",
    )
    description = forms.CharField(
        required=False, max_length=LONGEST_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 2})
    )
    scope = forms.ChoiceField(
        label="Which segments",
        choices=[(CHOSEN, "Those chosen here"), (EVERY, "Every segment, also new ones")],
        widget=forms.RadioSelect,
        initial=CHOSEN,
    )
    segments = forms.MultipleChoiceField(
        label="Segments", required=False, widget=forms.CheckboxSelectMultiple
    )
    on_entering = forms.BooleanField(label="When a contact enters", required=False, initial=True)
    on_leaving = forms.BooleanField(label="When a contact leaves", required=False, initial=True)
    on_edits = forms.BooleanField(
        label="Also when somebody publishes another definition",
        required=False,
        help_text="One edit can move every contact at once.",
    )
    fields_told = forms.MultipleChoiceField(
        label="Fields of the contact that are sent",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Besides its number. Send no more than the receiver needs.",
    )
    most_moves = forms.IntegerField(
        label="Moves in a request",
        min_value=1,
        max_value=MOST_MOVES,
        initial=100,
    )
    wait_ms = forms.IntegerField(
        label="Waits for others (ms)",
        min_value=0,
        max_value=LONGEST_WAIT_MS,
        initial=500,
    )

    def __init__(self, *args: Any, webhook: Webhook | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = Segment.objects.exclude(status=Segment.Status.ARCHIVED)
        known = dict(live.order_by("name").values_list("key", "name"))
        told = dict(choices())
        if webhook is not None:
            known |= dict(webhook.chosen.values_list("segment__key", "segment__name"))
            told |= {name: name for name in webhook.fields if name not in told}
        self.fields["segments"].choices = list(known.items())  # type: ignore[attr-defined]
        self.fields["fields_told"].choices = list(told.items())  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        cleaned = self.cleaned_data
        is_every = cleaned["scope"] == EVERY
        return Wanted(
            name=cleaned["name"],
            url=cleaned["url"],
            description=cleaned["description"],
            segments=() if is_every else cleaned["segments"],
            every_segment=is_every,
            on_entering=cleaned["on_entering"],
            on_leaving=cleaned["on_leaving"],
            on_edits=cleaned["on_edits"],
            fields=cleaned["fields_told"],
            most_moves=cleaned["most_moves"],
            wait_ms=cleaned["wait_ms"],
        )

    def refuse(self, refused: Refused) -> None:
        """What is wrong, at the control that it is about."""
        places = {"fields": "fields_told"}
        for problem in refused.problems:
            place = places.get(problem.path, problem.path)
            self.add_error(place if place in self.fields else None, problem.message)


def initial(webhook: Webhook) -> dict[str, Any]:
    names = ("name", "url", "description", "on_entering", "on_leaving", "on_edits")
    return {name: getattr(webhook, name) for name in (*names, "most_moves", "wait_ms")} | {
        "scope": EVERY if webhook.every_segment else CHOSEN,
        "segments": list(webhook.chosen.values_list("segment__key", flat=True)),
        "fields_told": webhook.fields,
    }


def initial_of_new() -> dict[str, Any]:
    return {"fields_told": list(Wanted("", "").fields)}
