"""What the segments' API takes and answers, as JSON and as OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from segmentflow.exact import ExactEncoder
from segments.conditions.catalog import Labels
from segments.models import Segment, Transition
from segments.selectors import Described
from segments.words import why


class TagsField(serializers.ListField):
    """What is wrong with a tag is said by the service."""

    child = serializers.CharField(allow_blank=True, trim_whitespace=False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            help_text="Up to 20 words to find it by, kept in lower case and sorted.", **kwargs
        )


class NewSegment(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=64, trim_whitespace=False)
    name = serializers.CharField(max_length=100, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    tags = TagsField(required=False)
    kind = serializers.ChoiceField(Segment.Kind.choices, required=False)
    definition = serializers.JSONField(encoder=ExactEncoder, required=False, allow_null=True)
    status = serializers.ChoiceField(["draft", "live"], required=False)


class SegmentChanges(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=100, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    tags = TagsField(required=False)
    definition = serializers.JSONField(encoder=ExactEncoder, required=False, allow_null=True)
    status = serializers.ChoiceField(Segment.Status.choices, required=False)


class SegmentAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    tags = TagsField()
    kind = serializers.ChoiceField(Segment.Kind.choices)
    status = serializers.ChoiceField(Segment.Status.choices)
    definition = serializers.JSONField(
        encoder=ExactEncoder,
        allow_null=True,
        help_text="What was published last; for a draft, the draft.",
    )
    state = serializers.ChoiceField(["building", "ready", "failed"])
    progress = serializers.IntegerField(
        help_text="Per cent of the contacts evaluated while building; else 100."
    )
    member_count = serializers.IntegerField()
    built_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    sentence = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SegmentPage(serializers.Serializer[Any]):
    results = SegmentAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class Member(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    email = serializers.CharField()
    entered_at = serializers.DateTimeField()


class MemberPage(serializers.Serializer[Any]):
    results = Member(many=True)
    next = serializers.URLField(allow_null=True)


class ContactReference(serializers.Serializer[Any]):
    """One of the four."""

    id = serializers.IntegerField(required=False)
    external_id = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)


class ListedContacts(serializers.Serializer[Any]):
    contacts = ContactReference(many=True)


# A serializer has an attribute `errors` of its own, which the field in an answer hides.


class RowErrors(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


class Added(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    errors = RowErrors(many=True)  # type: ignore[assignment]


class Removed(serializers.Serializer[Any]):
    removed = serializers.IntegerField()
    errors = RowErrors(many=True)  # type: ignore[assignment]


class PreviewRequest(serializers.Serializer[Any]):
    definition = serializers.JSONField(encoder=ExactEncoder)
    sample = serializers.IntegerField(required=False, min_value=0, max_value=100, default=10)


class SampleContact(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    email = serializers.CharField()


class ConditionCount(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="As in problems; the root's is empty.")
    count = serializers.IntegerField()


class PreviewAnswer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    exact = serializers.BooleanField()
    sample = SampleContact(many=True)
    conditions = ConditionCount(many=True)
    sentence = serializers.CharField()


class TransitionAnswer(serializers.Serializer[Any]):
    contact = SampleContact()
    entered = serializers.BooleanField(help_text="True: entered. False: left.")
    at = serializers.DateTimeField()
    cause = serializers.DictField()
    why = serializers.CharField(help_text="The cause in words.")


class TransitionPage(serializers.Serializer[Any]):
    results = TransitionAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class HistoryRow(serializers.Serializer[Any]):
    day = serializers.DateField(required=False, help_text="With grain=day.")
    start = serializers.DateTimeField(required=False, help_text="Of the hour, with grain=hour.")
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    members = serializers.IntegerField(help_text="At the end of the day or hour.")


class HistoryAnswer(serializers.Serializer[Any]):
    results = HistoryRow(many=True)


class BreakdownGroup(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["value", "range", "others", "none"])
    value = serializers.CharField(help_text="As it is stored; empty for the other kinds.")
    words = serializers.CharField(help_text="What people read for it.")
    members = serializers.IntegerField()
    share = serializers.FloatField(help_text="Percent of all members.")
    contacts = serializers.IntegerField()
    contacts_share = serializers.FloatField(help_text="Percent of all contacts.")
    lift = serializers.FloatField(
        allow_null=True, help_text="share divided by contacts_share; null for no contacts."
    )
    entered = serializers.IntegerField(allow_null=True, help_text="null: too many to count.")
    left = serializers.IntegerField(allow_null=True)


class BreakdownAnswer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="Of the field.")
    members = serializers.IntegerField()
    contacts = serializers.IntegerField()
    exact = serializers.BooleanField(help_text="False: numbers of contacts are about.")
    since = serializers.DateTimeField(help_text="From when on entered and left are counted.")
    results = BreakdownGroup(many=True)


class ContactSegment(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    entered_at = serializers.DateTimeField()


class ContactSegments(serializers.Serializer[Any]):
    results = ContactSegment(many=True)
    next = serializers.URLField(allow_null=True)


class StatusAnswer(serializers.Serializer[Any]):
    pending_contacts = serializers.IntegerField()
    oldest_pending_ms = serializers.IntegerField()
    overdue_deadlines = serializers.IntegerField()
    workers = serializers.IntegerField()
    is_disk_full = serializers.BooleanField()
    version = serializers.CharField()


def segment_as_data(described: Described) -> dict[str, Any]:
    segment, progress = described.segment, described.progress
    return {
        "key": segment.key,
        "name": segment.name,
        "description": segment.description,
        "tags": segment.tags,
        "kind": segment.kind,
        "status": segment.status,
        "definition": described.definition,
        "state": described.state,
        "progress": progress.percent if progress and described.state == "building" else 100,
        "member_count": segment.member_count,
        "built_at": segment.built_at,
        "version": described.version,
        "sentence": described.sentence,
        "created_at": segment.created_at,
        "updated_at": segment.updated_at,
    }


def member_as_data(member: dict[str, Any]) -> dict[str, Any]:
    return {name: member[name] for name in ("id", "external_id", "email", "entered_at")}


def transition_as_data(transition: Transition, *, labels: Labels) -> dict[str, Any]:
    contact = transition.contact
    return {
        "contact": {
            "id": contact.pk,
            "external_id": contact.external_id,
            "email": contact.email,
        },
        "entered": transition.entered,
        "at": transition.at,
        "cause": transition.cause,
        "why": why(transition.cause, labels),
    }
