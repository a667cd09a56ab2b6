"""What the API of exports takes and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from outbound.exports.models import Export, ExportRun
from outbound.exports.selectors import Listed, Ran
from outbound.exports.wanted import LONGEST_URL, MOST_COLUMNS, MOST_KEPT
from segmentflow.api.rendering import as_text


class ExportChanges(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, required=False, trim_whitespace=False)
    kind = serializers.ChoiceField(Export.Kind.choices, required=False)
    gzip = serializers.BooleanField(source="is_gzip", required=False)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_COLUMNS,
        help_text="Such as id, email, attributes.Birthday or entered_at.",
    )
    schedule = serializers.ChoiceField(Export.Schedule.choices, required=False)
    at = serializers.TimeField(
        required=False,
        help_text="On the clock of the workspace; of an hourly export the minute alone counts.",
    )
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text="Of a weekly export: 1 is Monday, 7 is Sunday.",
    )
    place = serializers.ChoiceField(Export.Place.choices, required=False)
    folder = serializers.CharField(
        max_length=200, required=False, allow_blank=True, trim_whitespace=False
    )
    pattern = serializers.CharField(max_length=200, required=False, trim_whitespace=False)
    keeps = serializers.IntegerField(min_value=1, max_value=MOST_KEPT, required=False)
    url = serializers.CharField(max_length=LONGEST_URL, required=False, trim_whitespace=False)
    method = serializers.ChoiceField(Export.Method.choices, required=False)
    paused = serializers.BooleanField(required=False)


class NewExport(ExportChanges):
    segment = serializers.CharField(max_length=64, help_text="Its key.")
    name = serializers.CharField(max_length=100, trim_whitespace=False)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=80), max_length=MOST_COLUMNS
    )


class RunAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(ExportRun.State.choices)
    by_hand = serializers.BooleanField()
    due_at = serializers.DateTimeField()
    begun_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True, help_text="Of the last attempt.")
    file = serializers.CharField(
        help_text="Below the folder for exports; empty when there is none."
    )
    said = serializers.CharField(help_text="What went wrong, or what the receiver answered.")


class ExportAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    segment = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Export.Kind.choices)
    gzip = serializers.BooleanField()
    columns = serializers.ListField(child=serializers.CharField())
    schedule = serializers.ChoiceField(Export.Schedule.choices)
    at = serializers.CharField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    place = serializers.ChoiceField(Export.Place.choices)
    folder = serializers.CharField()
    pattern = serializers.CharField()
    keeps = serializers.IntegerField()
    url = serializers.CharField(help_text="Without what is often secret in it.")
    method = serializers.ChoiceField(Export.Method.choices)
    paused = serializers.BooleanField()
    next_at = serializers.DateTimeField(allow_null=True)
    last_run = RunAnswer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class NewExportAnswer(ExportAnswer):
    secret = serializers.CharField(
        help_text="That files sent by POST are signed with; shown this once. Empty for others."
    )


class ExportPage(serializers.Serializer[Any]):
    results = ExportAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class RunPage(serializers.Serializer[Any]):
    results = RunAnswer(many=True)
    next = serializers.URLField(allow_null=True)


def run_as_data(ran: Ran) -> dict[str, Any]:
    run = ran.run
    return {
        "id": run.pk,
        "state": run.state,
        "by_hand": run.is_by_hand,
        "due_at": as_text(run.due_at),
        "begun_at": as_text(run.begun_at),
        "ended_at": as_text(run.ended_at),
        "next_try_at": as_text(run.try_at) if run.state == ExportRun.State.WAITING else None,
        "attempts": run.attempts,
        "rows": run.rows,
        "bytes": run.size,
        "seconds": ran.seconds,
        "file": run.file,
        "said": run.said,
    }


def export_as_data(row: Listed) -> dict[str, Any]:
    export = row.export
    same = ("name", "kind", "columns", "schedule", "weekdays", "place", "folder", "pattern")
    return {
        "id": export.pk,
        "segment": export.segment.key,
        **{name: getattr(export, name) for name in same},
        "gzip": export.is_gzip,
        "at": f"{export.at:%H:%M}",
        "keeps": export.keeps,
        "url": export.shown_url,
        "method": export.method,
        "paused": export.is_paused,
        "next_at": as_text(export.next_at),
        "last_run": run_as_data(row.last) if row.last else None,
        "created_at": as_text(export.created_at),
        "updated_at": as_text(export.updated_at),
    }
