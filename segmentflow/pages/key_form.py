"""What a new API key is called and what it may do."""

from __future__ import annotations

from django import forms

from segmentflow.models import ApiKey

EXPLAINED = {
    ApiKey.Scope.INGEST: ", for programs that report what happens: shops, apps, tills",
    ApiKey.Scope.READ: ": contacts, events, segments and their members",
    ApiKey.Scope.WRITE: ", and contacts, which it may also erase",
}


class KeyForm(forms.Form):
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

    def clean_name(self) -> str:
        """So that people can tell keys apart, and a page loaded again makes no second one."""
        name: str = self.cleaned_data["name"]
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError("A key that works has this name already. Choose another.")
        return name
