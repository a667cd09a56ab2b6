"""The API of a segment's alerts; see docs/alerts.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from outbound.alerts import words
from outbound.alerts.forms import people
from outbound.alerts.models import AlertMail
from outbound.alerts.selectors import Logged, alert_of, notices_of, wanted_of
from outbound.alerts.services import MOST_MEMBERS, MOST_PERCENT, MOST_USERS, set_alert
from outbound.asking import OutboundApiView
from segmentflow.api.paging import page_answer, page_of
from segmentflow.api.rendering import as_text
from segmentflow.models import User
from segments import asking
from segments.models import Segment


class AlertChanges(serializers.Serializer[Any]):
    change_percent = serializers.IntegerField(
        source="change",
        min_value=1,
        max_value=MOST_PERCENT,
        required=False,
        allow_null=True,
        help_text="Tell when the size differs by more than that from 24 hours before.",
    )
    empty = serializers.BooleanField(required=False)
    below = serializers.IntegerField(
        min_value=1, max_value=MOST_MEMBERS, required=False, allow_null=True
    )
    above = serializers.IntegerField(
        min_value=0, max_value=MOST_MEMBERS, required=False, allow_null=True
    )
    to_owner = serializers.BooleanField(required=False)
    users = serializers.ListField(
        child=serializers.CharField(max_length=150),
        required=False,
        max_length=MOST_USERS,
        help_text="User names of others who are told.",
    )
    paused = serializers.BooleanField(source="is_paused", required=False)


class AlertAnswer(serializers.Serializer[Any]):
    change_percent = serializers.IntegerField(allow_null=True)
    empty = serializers.BooleanField()
    below = serializers.IntegerField(allow_null=True)
    above = serializers.IntegerField(allow_null=True)
    to_owner = serializers.BooleanField()
    users = serializers.ListField(child=serializers.CharField())
    paused = serializers.BooleanField()


class ToldAnswer(serializers.Serializer[Any]):
    user = serializers.CharField()
    state = serializers.ChoiceField(AlertMail.State.choices)
    error = serializers.CharField()


class NoticeAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    words = serializers.CharField()
    rules = serializers.JSONField(help_text="The bounds that were crossed: kind and number.")
    size = serializers.IntegerField()
    before = serializers.IntegerField()
    before_at = serializers.DateTimeField()
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    by_edit = serializers.BooleanField(
        help_text="Most of those who moved did so because the definition was changed."
    )
    told = ToldAnswer(many=True)


class NoticePage(serializers.Serializer[Any]):
    results = NoticeAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class AlertsView(OutboundApiView):
    rights: ClassVar = {"GET": "outbound.view_alert", "PATCH": "outbound.change_alert"}

    @extend_schema(operation_id="get_alerts", responses=AlertAnswer)
    def get(self, request: Request, key: str) -> Response:
        """What somebody wants to be told of about the segment's size."""
        return Response(_as_data(_segment(key)))

    @extend_schema(operation_id="change_alerts", request=AlertChanges, responses=AlertAnswer)
    def patch(self, request: Request, key: str) -> Response:
        """Change what is sent; null means no alert of that."""
        given = asking.body(request, AlertChanges)
        segment = _segment(key)
        if "users" in given:
            given["users"] = _users(given["users"])
        wanted = replace(wanted_of(alert_of(segment)), **given)
        set_alert(segment=segment, wanted=wanted)
        return Response(_as_data(segment))


class NoticesView(OutboundApiView):
    rights: ClassVar = {"GET": "outbound.view_alert"}

    @extend_schema(
        operation_id="list_alert_notices", parameters=asking.PAGING, responses=NoticePage
    )
    def get(self, request: Request, key: str) -> Response:
        """What was told about the segment, the newest first."""
        page = page_of(request)
        rows = notices_of(_segment(key), before=page.number or None, limit=page.limit + 1)
        return Response(
            page_answer(request, page, rows, as_data=_notice, cursor_of=lambda row: row.notice.pk)
        )


def _segment(key: str) -> Segment:
    return get_object_or_404(Segment, key=key)


def _users(names: list[str]) -> tuple[User, ...]:
    known = {user.username: user for user in people().filter(username__in=names)}
    for name in names:
        if name not in known:
            said = f"Nobody with a role is called “{name}”."
            raise asking.refused("users", said, "unknown")
    return tuple(known.values())


def _as_data(segment: Segment) -> dict[str, Any]:
    wanted = wanted_of(alert_of(segment))
    return {
        "change_percent": wanted.change,
        "empty": wanted.empty,
        "below": wanted.below,
        "above": wanted.above,
        "to_owner": wanted.to_owner,
        "users": [user.username for user in wanted.users],
        "paused": wanted.is_paused,
    }


def _notice(row: Logged) -> dict[str, Any]:
    notice = row.notice
    return {
        "id": notice.pk,
        "at": as_text(notice.at),
        "words": words.headline(notice, notice.segment.name),
        "rules": notice.rules,
        "size": notice.size,
        "before": notice.before,
        "before_at": as_text(notice.before_at),
        "entered": notice.entered,
        "left": notice.left,
        "by_edit": words.is_by_edit(notice),
        "told": [
            {"user": mail.user.username, "state": mail.state, "error": mail.error}
            for mail in row.mails
        ],
    }
