"""What the API tells of overlap and of what distinguishes members, as JSON and as OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from segmentflow.exact import ExactEncoder
from segments.distinguishing.suggestions import Suggestion, Suggestions
from segments.overlap.combinations import Overlap


class OverlapSegment(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField(help_text="Members now.")


class OverlapCombination(serializers.Serializer[Any]):
    inside = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the segments that these contacts are in."
    )
    outside = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of all who are in any of the segments, 0 to 1.")


class OverlapAnswer(serializers.Serializer[Any]):
    segments = OverlapSegment(many=True)
    in_all = serializers.IntegerField()
    in_any = serializers.IntegerField()
    in_none = serializers.IntegerField()
    combinations = OverlapCombination(
        many=True, help_text="All that are possible, the largest first; each contact is in one."
    )


class SuggestionAnswer(serializers.Serializer[Any]):
    condition = serializers.JSONField(
        encoder=ExactEncoder, help_text="As definitions have it; a child of their groups."
    )
    sentence = serializers.CharField()
    members_with = serializers.IntegerField()
    members = serializers.IntegerField(help_text="Members who were looked at for it.")
    others_with = serializers.IntegerField()
    others = serializers.IntegerField()
    lift = serializers.FloatField(
        allow_null=True,
        help_text="How many times as frequent among members; null: none of the others has it.",
    )
    in_definition = serializers.BooleanField(
        help_text="The definition itself depends on the field or the type of events."
    )


class SuggestionsAnswer(serializers.Serializer[Any]):
    sample = serializers.JSONField(
        help_text="`members` and `others` who were looked at, and how many there are in all."
    )
    results = SuggestionAnswer(many=True, help_text="The most telling first.")


def overlap_as_data(overlap: Overlap) -> dict[str, Any]:
    keys = [segment.key for segment in overlap.segments]
    return {
        "segments": [
            {"key": segment.key, "name": segment.name, "count": size}
            for segment, size in zip(overlap.segments, overlap.sizes, strict=True)
        ],
        "in_all": overlap.in_all.count,
        "in_any": overlap.in_any,
        "in_none": overlap.outside,
        "combinations": [
            {
                "inside": [key for key, is_in in zip(keys, one.inside, strict=True) if is_in],
                "outside": [key for key, is_in in zip(keys, one.inside, strict=True) if not is_in],
                "count": one.count,
                "share": round(one.share, 6),
            }
            for one in overlap.combinations
        ],
    }


def suggestions_as_data(suggestions: Suggestions) -> dict[str, Any]:
    sample = suggestions.looked_at
    return {
        "sample": {
            "members": len(sample.members),
            "others": len(sample.others),
            "total_members": sample.total_members,
            "total_others": sample.total_others,
        },
        "results": [_suggestion(one) for one in suggestions.found],
    }


def _suggestion(one: Suggestion) -> dict[str, Any]:
    numbers = one.numbers
    return {
        "condition": one.condition,
        "sentence": one.sentence,
        "members_with": numbers.members_with,
        "members": numbers.members,
        "others_with": numbers.others_with,
        "others": numbers.others,
        "lift": round(numbers.lift, 3) if numbers.lift is not None else None,
        "in_definition": one.is_mentioned,
    }
