"""What the contacts' API takes and answers, for its description alone (rows.py, fields.py check)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from contacts.models import FieldTypes


class ErrorData(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="Where, such as `attributes.Birthday`.")
    code = serializers.CharField()
    message = serializers.CharField()


class RefusedRow(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Place of the row in the request, from 0.")
    errors = ErrorData(many=True)  # type: ignore[assignment] # rest_framework has the name too


class ConsentData(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["subscribed", "unsubscribed"])
    at = serializers.DateTimeField()
    source = serializers.CharField(  # type: ignore[assignment] # rest_framework has the name too
        help_text="Who or what told."
    )


class Consents(serializers.Serializer[Any]):
    email = ConsentData(required=False)
    sms = ConsentData(required=False)
    push = ConsentData(required=False)


class ContactValues(serializers.Serializer[Any]):
    external_id = serializers.CharField(required=False, allow_null=True, max_length=255)
    email = serializers.CharField(required=False, allow_null=True, max_length=255)
    phone = serializers.CharField(required=False, allow_null=True, max_length=255)
    first_name = serializers.CharField(required=False, allow_null=True, max_length=1000)
    last_name = serializers.CharField(required=False, allow_null=True, max_length=1000)
    city = serializers.CharField(required=False, allow_null=True, max_length=1000)
    country = serializers.CharField(required=False, allow_null=True, max_length=1000)
    language = serializers.CharField(required=False, allow_null=True, max_length=1000)
    timezone = serializers.CharField(required=False, allow_null=True, max_length=1000)
    preferred_channel = serializers.CharField(required=False, allow_null=True, max_length=1000)
    attributes = serializers.DictField(
        required=False, help_text="By the key of a field. They are merged; null removes one."
    )
    consents = serializers.DictField(
        required=False,
        help_text="By channel (email, sms, push): true, false, or an object with `state`"
        " (subscribed, unsubscribed) and perhaps `at` and `source`.",
    )


class SentContact(ContactValues):
    id = serializers.IntegerField(required=False)


class ContactBatch(serializers.Serializer[Any]):
    contacts = SentContact(many=True, help_text="Up to 5,000.")


class BatchAnswer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    errors = RefusedRow(many=True)  # type: ignore[assignment]


class ContactAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    preferred_channel = serializers.CharField()
    attributes = serializers.DictField()
    consents = Consents(help_text="What holds for each channel that the contact was asked about.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ContactPage(serializers.Serializer[Any]):
    results = ContactAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class FieldChanges(serializers.Serializer[Any]):
    label = serializers.CharField(required=False, max_length=100)  # type: ignore[assignment]
    choices = serializers.ListField(
        required=False, help_text="What forms offer; other values are taken as well."
    )
    description = serializers.CharField(required=False)
    archived = serializers.BooleanField(required=False)


class NewField(FieldChanges):
    key = serializers.RegexField(r"^[A-Za-z][A-Za-z0-9_]{0,63}$")
    type = serializers.ChoiceField(FieldTypes.choices)


class FieldAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(FieldTypes.choices)
    choices = serializers.ListField()
    description = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class FieldPage(serializers.Serializer[Any]):
    results = FieldAnswer(many=True)
    next = serializers.URLField(allow_null=True)
