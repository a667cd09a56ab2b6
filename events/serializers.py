"""What the events' API takes and answers, for its description alone (rows.py, registry.py check)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from contacts.serializers import RefusedRow


class NamedContact(serializers.Serializer[Any]):
    """Exactly one of the four."""

    id = serializers.IntegerField(required=False)
    external_id = serializers.CharField(required=False, max_length=255)
    email = serializers.CharField(required=False, max_length=255)
    phone = serializers.CharField(required=False, max_length=255)


class SentEvent(serializers.Serializer[Any]):
    contact = NamedContact(help_text="One that nobody knows is created, unless named by id.")
    type = serializers.CharField(max_length=100)
    occurred_at = serializers.DateTimeField(
        required=False, help_text="The time received, unless sent."
    )
    message_id = serializers.CharField(
        required=False,
        max_length=255,
        help_text="The same one for the same contact is stored once.",
    )
    attributes = serializers.DictField(required=False)


class EventBatch(serializers.Serializer[Any]):
    events = SentEvent(many=True, help_text="Up to 5,000.")


class RecordAnswer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    errors = RefusedRow(many=True)  # type: ignore[assignment] # rest_framework has the name too


class EventAnswer(serializers.Serializer[Any]):
    message_id = serializers.CharField()
    type = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    attributes = serializers.DictField()


class EventPage(serializers.Serializer[Any]):
    results = EventAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class EventTypeChanges(serializers.Serializer[Any]):
    label = serializers.CharField(required=False, max_length=100)  # type: ignore[assignment]
    description = serializers.CharField(required=False)
    value_attribute = serializers.CharField(
        required=False, max_length=200, help_text="The number that sums are usually made of."
    )
    archived = serializers.BooleanField(required=False)


class NewEventType(EventTypeChanges):
    key = serializers.CharField(max_length=100, help_text="The type as events name it.")


class SeenAttribute(serializers.Serializer[Any]):
    types = serializers.DictField(child=serializers.IntegerField())
    samples = serializers.ListField(child=serializers.CharField())


class EventTypeAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    value_attribute = serializers.CharField()
    attributes = serializers.DictField(child=SeenAttribute(), help_text="What events have had.")
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class EventTypePage(serializers.Serializer[Any]):
    results = EventTypeAnswer(many=True)
    next = serializers.URLField(allow_null=True)
