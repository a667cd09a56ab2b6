"""The mail that tells of an alert: plain text, and the same as simple HTML."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from campaigns.channels.adapters import WayFacts
from campaigns.channels.handing import Email
from outbound.alerts import words
from outbound.alerts.models import AlertNotice
from segmentflow.models import User

TEMPLATES = "outbound/mail/alert"


def written(notice: AlertNotice, *, to: User, way: WayFacts, zone: ZoneInfo) -> Email:
    segment = notice.segment
    context = {
        "name": segment.name,
        "person": to.get_full_name() or to.get_username(),
        "headline": words.headline(notice, segment.name),
        "also": words.also(notice),
        "notice": notice,
        "at": notice.at.astimezone(zone),
        "before_at": notice.before_at.astimezone(zone),
        "change": notice.size - notice.before,
        "reasons": words.reasons(notice, zone=zone),
        "is_by_edit": words.is_by_edit(notice),
        "zone": zone.key,
        "segment_url": settings.PUBLIC_URL + reverse("segment_detail", args=[segment.key]),
        "alerts_url": settings.PUBLIC_URL + reverse("segment_alerts", args=[segment.key]),
    }
    return Email(
        key=None,  # no campaign's, so it counts nowhere
        to=to.email,
        sender=way.sender,
        reply_to=way.text("reply_to"),
        subject=words.headline(notice, segment.name).replace("\n", " ").replace("\r", " "),
        html=render_to_string(f"{TEMPLATES}.html", context),
        text=render_to_string(f"{TEMPLATES}.txt", context),
        headers={"Auto-Submitted": "auto-generated"},
    )
