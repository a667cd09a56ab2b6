"""What admins say about a user, and everybody about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import password_validation

from segmentflow.models import User
from segmentflow.users import MAY, may_touch, refusal, role_of

NO_ROLE = ("", "No role: may sign in, but sees nothing")
ROLES = [*((role, f"{role}: {may}") for role, may in MAY.items()), NO_ROLE]
WHY_SO_LONG = (
    "At least 10 characters: length protects better than odd signs, so a few words are fine."
    " Passwords that many people use are refused, for those are tried first."
)
NEW_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class PersonForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")


class PasswordFields(forms.Form):
    """Typed twice, or left empty to have one made."""

    password = forms.CharField(
        required=False,
        strip=False,
        max_length=200,
        widget=NEW_PASSWORD,
        help_text=f"{WHY_SO_LONG} Leave it empty to have one made, which is shown once.",
    )
    password_again = forms.CharField(
        required=False, strip=False, max_length=200, widget=NEW_PASSWORD
    )

    def check_password(self, user: User) -> None:
        """Also when only the second one is filled in."""
        first = self.cleaned_data.get("password", "")
        if first != self.cleaned_data.get("password_again", ""):
            self.add_error("password_again", "The two passwords are not the same.")
        elif first:
            try:
                password_validation.validate_password(first, user)
            except forms.ValidationError as error:
                self.add_error("password", error)


class NewPasswordForm(PasswordFields):
    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        self.check_password(self.user)
        return self.cleaned_data


class NewUserForm(PasswordFields, PersonForm):
    role = forms.ChoiceField(choices=ROLES, required=False, widget=forms.RadioSelect)

    field_order = (
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "password",
        "password_again",
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")

    def clean_username(self) -> str:
        """Who signs in may not remember which letters were large."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("Somebody has this username already.")
        return name

    def clean(self) -> dict[str, Any]:
        super().clean()
        about = {name: self.cleaned_data.get(name, "") for name in self.Meta.fields}
        self.check_password(User(**about))
        return self.cleaned_data


class UserForm(PersonForm):
    role = forms.ChoiceField(choices=ROLES, required=False, widget=forms.RadioSelect)
    is_active = forms.BooleanField(
        required=False,
        label="May sign in",
        help_text="Without the tick, this person is signed out at once and cannot sign in. API keys"
        " that they made go on working.",
    )

    def __init__(self, data: Mapping[str, Any] | None, *, by: User, instance: User) -> None:
        super().__init__(data, instance=instance)
        self.by = by
        self.initial["role"] = role_of(instance)
        self.initial["is_active"] = instance.is_active
        if not may_touch(by=by, user=instance):
            for field in self.fields.values():
                field.disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            role, is_active = cleaned["role"], cleaned["is_active"]
            if said := refusal(user=self.instance, by=self.by, role=role, is_active=is_active):
                self.add_error("role" if is_active else "is_active", said)
        return cleaned
