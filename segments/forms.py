"""What people say about a segment besides its definition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from contacts.problems import Refused
from segmentflow.models import User
from segments.models import Segment
from segments.services import NAME_LENGTH
from segments.starting.files import LONGEST_CATEGORY, LONGEST_DESCRIPTION, LONGEST_NAME
from segments.starting.template import Named, Template
from segments.tags import LONGEST, MOST, checked_tags, tags_of_text, text_of_tags


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg] # no generic at run time
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_full_name() or obj.get_username())


class NewSegmentForm(forms.Form):
    """Its key is made from the name."""

    name = forms.CharField(
        max_length=NAME_LENGTH,
        help_text="What people call this group, such as “Inactive VIPs”.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the segment is for, so that others use it as it was meant.",
    )


class FromTemplateForm(NewSegmentForm):
    """Named as its template is, unless somebody knows better."""

    create = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any = None, *, template: Template) -> None:
        super().__init__(data, initial={"name": template.name, "description": template.description})
        self.template = template
        # What the template is stands above it, and is read first.
        del self.fields["name"].widget.attrs["autofocus"]
        self.fields["description"].widget.attrs["rows"] = 4
        create = self.fields["create"]
        assert isinstance(create, forms.MultipleChoiceField)  # noqa: S101 - says so to the type checker
        create.choices = [(need.ref, need.label) for need in template.needs]

    def clean_create(self) -> list[Named]:
        sent = self.cleaned_data["create"]
        return [need.named for need in self.template.needs if need.ref in sent]


class TemplateForm(forms.Form):
    """How a template of one's own is shown in the gallery."""

    name = forms.CharField(max_length=LONGEST_NAME)
    description = forms.CharField(
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whom it finds, and what to do about them.",
    )
    category = forms.CharField(
        required=False,
        max_length=LONGEST_CATEGORY,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
        help_text="Choose one that there is, or type a new one.",
    )


class DetailsForm(forms.Form):
    name = forms.CharField(max_length=NAME_LENGTH)
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the segment is for, so that others use it as it was meant.",
    )
    tags = forms.CharField(
        required=False,
        help_text=f"Words to find it by, with commas between them: at most {MOST}, "
        f"each of up to {LONGEST} characters.",
    )
    owner = PersonField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Who knows why it is described as it is.",
    )

    def __init__(self, data: Any = None, *, segment: Segment) -> None:
        initial = {
            "name": segment.name,
            "description": segment.description,
            "tags": text_of_tags(segment.tags),
            "owner": segment.owner_id,
        }
        super().__init__(data, initial=initial)
        owner = self.fields["owner"]
        assert isinstance(owner, PersonField)  # noqa: S101 - says so to the type checker
        owner.queryset = _possible_owners(segment)

    def clean_tags(self) -> list[str]:
        try:
            return checked_tags(tags_of_text(self.cleaned_data["tags"]))
        except Refused as refused:
            raise forms.ValidationError([problem.message for problem in refused.problems]) from None


def _possible_owners(segment: Segment) -> QuerySet[User]:
    """Whoever works here, and whoever it belongs to already."""
    found = User.objects.filter(Q(is_active=True) | Q(pk=segment.owner_id))
    return found.order_by("first_name", "last_name", "username")
