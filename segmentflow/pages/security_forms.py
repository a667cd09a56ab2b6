"""What somebody types who changes how they sign in: the password again, codes, names."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest

from segmentflow.models import User
from segmentflow.pages.user_forms import WHY_SO_LONG, PersonForm

WRONG_PASSWORD = "This is not your password."  # noqa: S105 - a sentence
CURRENT = forms.PasswordInput(attrs={"autocomplete": "current-password"})
CODE = forms.TextInput(
    attrs={
        "autocomplete": "one-time-code",
        "autocapitalize": "none",
        "spellcheck": "false",
        "class": "code-input",
    }
)


def is_password_of(user: User, password: str, request: HttpRequest) -> bool:
    """Wrong ones count, as they do on the page for signing in."""
    found = authenticate(request, username=user.get_username(), password=password)
    return found is not None and found.pk == user.pk


class CodeForm(forms.Form):
    """The second step of signing in."""

    code = forms.CharField(
        max_length=40,
        widget=CODE,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
    )


class PasswordAgainForm(forms.Form):
    current_password = forms.CharField(
        label="Your password", strip=False, max_length=200, widget=CURRENT
    )

    def __init__(self, data: Any = None, *, request: HttpRequest, user: User) -> None:
        super().__init__(data)
        self.request, self.user = request, user

    def clean_current_password(self) -> str:
        password: str = self.cleaned_data["current_password"]
        if not is_password_of(self.user, password, self.request):
            raise forms.ValidationError(WRONG_PASSWORD)
        return password


class AppForm(PasswordAgainForm):
    """Setting up an app."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=CODE,
        help_text="The six digits that the app shows now.",
    )
    field_order = ("code", "current_password")


class OffForm(PasswordAgainForm):
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=CODE,
        help_text="Six digits from the app, or a recovery code.",
    )


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        max_length=64, help_text="By which you know it, such as “Phone” or “Blue key”."
    )

    def clean_name(self) -> str:
        """JSON may hold halves of characters, which a database does not."""
        name: str = self.cleaned_data["name"]
        return name.encode(errors="replace").decode()


class OwnPasswordForm(PasswordChangeForm):
    """Wrong old passwords count as on the page for signing in."""

    def __init__(self, user: User, data: Any = None, *, request: HttpRequest) -> None:
        super().__init__(user, data)
        self.request = request
        del self.fields["old_password"].widget.attrs["autofocus"]  # most come to read
        self.fields["old_password"].label = "Your password now"
        self.fields["new_password1"].help_text = WHY_SO_LONG
        self.fields["new_password2"].help_text = ""
        self.fields["new_password2"].label = "New password again"

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not is_password_of(self.user, password, self.request):
            raise forms.ValidationError(WRONG_PASSWORD)
        return password


class AccountForm(PersonForm):
    """One's own: another email needs the password, for it may lead to another one some day."""

    current_password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        max_length=200,
        widget=CURRENT,
        help_text="Only to change the email.",
    )

    def __init__(self, data: Any = None, *, request: HttpRequest, user: User) -> None:
        # The form writes into it even what is wrong, which the navigation would show.
        super().__init__(data, instance=User.objects.get(pk=user.pk))
        self.request = request
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "email" in self.changed_data and not self.errors:
            typed = cleaned["current_password"]
            if not typed:
                self.add_error("current_password", "Type it to change the email.")
            elif not is_password_of(self.user, typed, self.request):
                self.add_error("current_password", WRONG_PASSWORD)
        return cleaned
