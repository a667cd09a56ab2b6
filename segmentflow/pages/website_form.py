"""What a website is called, where its pages are, and what they may fill in."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from contacts.models import Field
from segmentflow.api.origins import read_origin
from segmentflow.models import Website

MOST_ORIGINS: Final = 50


class WebsiteForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="Such as “Web shop”.")
    origins = forms.CharField(
        label="Its addresses",
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none", "class": "code"}
        ),
        help_text="One on each line, as https://www.example.com, with the port if there is one."
        " https://*.example.com stands for all its subdomains, and not for example.com itself."
        " Pages from elsewhere are refused.",
    )
    may_fill = forms.MultipleChoiceField(
        label="Fields that its pages may fill in",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Besides name, email and the other built-in ones. Visitors can send what they"
        " like: leave out what somebody would gain from, such as a status.",
    )

    def __init__(self, *args: Any, website: Website | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._website = website
        known = Field.objects.filter(archived_at=None).values_list("key", "label")
        chosen = [(key, key) for key in website.fields] if website else []
        self.fields["may_fill"].choices = list((dict(chosen) | dict(known)).items())  # type: ignore[attr-defined]
        if not self.fields["may_fill"].choices:  # type: ignore[attr-defined]
            del self.fields["may_fill"]

    def clean_name(self) -> str:
        """So that people can tell sites apart, and a page loaded again makes no second one."""
        name: str = self.cleaned_data["name"]
        others = Website.objects.filter(name=name, revoked_at=None)
        if self._website:
            others = others.exclude(pk=self._website.pk)
        if others.exists():
            raise ValidationError("A website has this name already. Choose another.")
        return name

    def clean_origins(self) -> list[str]:
        """Each once, as browsers write it; every line that is wrong is said."""
        found: dict[str, None] = {}
        wrong: list[ValidationError] = []
        for line in filter(str.strip, self.cleaned_data["origins"].splitlines()):
            try:
                found[read_origin(line)] = None
            except ValueError as problem:
                wrong.append(ValidationError(str(problem)))
        if len(found) > MOST_ORIGINS:
            wrong.append(ValidationError(f"A website has at most {MOST_ORIGINS} addresses."))
        if wrong:
            raise ValidationError(wrong[:5])
        return list(found)

    @property
    def values(self) -> dict[str, Any]:
        """As services take them."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "origins": cleaned["origins"],
            "fields": cleaned.get("may_fill", []),
        }


def initial(website: Website) -> dict[str, Any]:
    return {
        "name": website.name,
        "origins": "\n".join(website.origins),
        "may_fill": website.fields,
    }
