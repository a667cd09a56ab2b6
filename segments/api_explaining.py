"""Explaining by API: why a contact is in a segment or not, until when, and how it came and went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Contact
from segmentflow.api.problems import conflict
from segmentflow.clock import current_time
from segments.asking import SegmentApiView
from segments.catalog import current_labels
from segments.conditions.catalog import Labels
from segments.conditions.sentence import sentence
from segments.conditions.words_actual import actual_words
from segments.engine.explain import Explanation
from segments.insight import Insight, insight
from segments.models import Segment


class MoveAnswer(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    entered = serializers.BooleanField(help_text="True: entered. False: left.")
    at = serializers.DateTimeField()
    cause = serializers.DictField()
    why = serializers.CharField(help_text="The cause in words.")


class ExplanationAnswer(serializers.Serializer[Any]):
    is_member = serializers.BooleanField(help_text="By what is stored; of the root only.")
    entered_at = serializers.DateTimeField(allow_null=True, help_text="Of the root only.")
    moves = MoveAnswer(
        many=True, help_text="The last 20 times it entered or left, newest first; of the root only."
    )
    path = serializers.CharField()
    kind = serializers.CharField()
    sentence = serializers.CharField()
    truth = serializers.BooleanField()
    actual = serializers.CharField(
        allow_null=True, help_text="The contact's own value or measure; null when missing."
    )
    until = serializers.DateTimeField(
        allow_null=True, help_text="Until then at least the truth stays, new data apart."
    )
    actual_words = serializers.CharField(help_text="The same as a person reads it; may be empty.")
    changes_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The first instant at which the truth is another one, new data apart. Null "
        "without “until”: never. Null with it: at that instant or later, which was not worked out.",
    )
    children = serializers.ListField(child=serializers.DictField())


class ExplainView(SegmentApiView):
    @extend_schema(operation_id="explain_membership", responses=ExplanationAnswer)
    def get(self, request: Request, key: str, contact_id: int) -> Response:
        """Why a contact is in the segment or not: the answer at every node of its definition, when
        time alone will change it, and when and why the contact entered and left."""
        segment, now = get_object_or_404(Segment, key=key), current_time()
        contact = get_object_or_404(Contact, pk=contact_id)
        found = insight(segment=segment, contact=contact, now=now)
        if found.explanation is None:
            said = f"“{segment.name}” has no published definition to explain."
            raise conflict(said)
        return Response(insight_as_data(found, current_labels(), now))


def insight_as_data(found: Insight, labels: Labels, now: datetime) -> dict[str, Any]:
    explanation = found.explanation
    return {
        "is_member": found.is_member,
        "entered_at": found.entered_at,
        "moves": [
            {
                "seq": move.row.seq,
                "entered": move.row.entered,
                "at": move.row.at,
                "cause": move.row.cause,
                "why": move.why,
            }
            for move in found.moves
        ],
        **(explanation_as_data(explanation, labels, now) if explanation else {}),
    }


def explanation_as_data(explanation: Explanation, labels: Labels, now: datetime) -> dict[str, Any]:
    node, actual = explanation.node, explanation.actual
    return {
        "path": explanation.path,
        "kind": KINDS[type(node).__name__],
        "sentence": sentence(node, labels),
        "truth": explanation.truth,
        "actual": actual,
        "actual_words": actual_words(node, actual, labels=labels, now=now),
        "until": explanation.until,
        "changes_at": explanation.changes_at,
        "children": [explanation_as_data(child, labels, now) for child in explanation.children],
    }


KINDS = {
    "Group": "group",
    "FieldCondition": "field",
    "EventCondition": "event",
    "Occurrence": "occurrence",
    "Sequence": "sequence",
    "SegmentCondition": "segment",
    "Random": "random",
    "Everyone": "everyone",
}
