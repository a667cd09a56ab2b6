"""The form of a segment's alerts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from contacts.problems import Refused
from outbound.alerts.services import MOST_MEMBERS, MOST_PERCENT, Wanted
from segmentflow.models import User
from segmentflow.roles import RIGHTS


def people() -> Any:
    """Who can be told: those who may see segments."""
    with_role = Q(groups__name__in=list(RIGHTS)) | Q(is_superuser=True)
    found = User.objects.filter(with_role, is_active=True).distinct()
    return found.order_by("first_name", "last_name", "username")


class _People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # no generic at run time
    def label_from_instance(self, obj: Any) -> str:
        name = obj.get_full_name() or obj.get_username()
        return f"{name} ({obj.email})" if obj.email else f"{name} (has no email address)"


class AlertForm(forms.Form):
    change = forms.IntegerField(
        label="Change in a day, in %",
        required=False,
        min_value=1,
        max_value=MOST_PERCENT,
        help_text="Tell when it is more than that, up or down, against 24 hours before.",
    )
    below = forms.IntegerField(
        label="Fewer than", required=False, min_value=1, max_value=MOST_MEMBERS
    )
    above = forms.IntegerField(
        label="More than", required=False, min_value=0, max_value=MOST_MEMBERS
    )
    empty = forms.BooleanField(label="It becomes empty", required=False)
    to_owner = forms.BooleanField(label="The owner of the segment", required=False)
    users = _People(
        User.objects.none(),
        label="These people",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, owner: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["users"]
        chosen.queryset = people()
        name = (owner.get_full_name() or owner.get_username()) if owner else "nobody now"
        self.fields["to_owner"].label = f"The owner of the segment ({name})"

    @property
    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            change=given["change"],
            empty=given["empty"],
            below=given["below"],
            above=given["above"],
            to_owner=given["to_owner"],
            users=tuple(given["users"]),
        )

    def refuse(self, refused: Refused) -> None:
        for problem in refused.problems:
            self.add_error(problem.path if problem.path in self.fields else None, problem.message)


def initial(wanted: Wanted) -> dict[str, Any]:
    return {
        "change": wanted.change,
        "empty": wanted.empty,
        "below": wanted.below,
        "above": wanted.above,
        "to_owner": wanted.to_owner,
        "users": [user.pk for user in wanted.users],
    }
