"""An export and alerts of the world's VIPs, with something to see in their logs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from outbound.alerts.models import Alert, AlertMail, AlertNotice, AlertRule
from outbound.exports.models import ExportRun
from outbound.exports.places import whole_file
from outbound.exports.services import create_export
from outbound.exports.wanted import Wanted
from segmentflow.models import User
from segments.models import Segment


def make_export(*, now: datetime) -> dict[str, Any]:
    """One of the VIPs, of which one file lies in the folder and another could not be written."""
    vips = Segment.objects.get(key="vips")
    wanted = Wanted(name="To the warehouse", columns=("id", "email", "entered_at"), folder="crm")
    export = create_export(segment=vips, wanted=wanted, author=None, now=now)
    with whole_file("crm/vips.csv", run_id=0) as file:
        file.write(b"id\n1\n")
    done = {"begun_at": now, "tried_at": now, "ended_at": now, "due_at": now, "try_at": now}
    run = ExportRun.objects.create(
        export=export, state="done", rows=2, size=5, file="crm/vips.csv", attempts=1, **done
    )
    ExportRun.objects.create(
        export=export, state="failed", said="The file cannot be written.", attempts=9, **done
    )
    return {"export": export.pk, "export_run": run.pk}


def make_alert(*, now: datetime) -> Alert:
    """Of the VIPs: they became fewer, and one of two people could not be told."""
    vips = Segment.objects.get(key="vips")
    alert = Alert.objects.create(segment=vips)
    AlertRule.objects.create(alert=alert, kind="change", number=20, is_over=True, since=now)
    AlertRule.objects.create(alert=alert, kind="empty", is_over=False, since=now)
    notice = AlertNotice.objects.create(
        segment=vips,
        at=now,
        rules=[{"kind": "change", "number": 20}],
        size=2,
        before=5,
        before_at=now - timedelta(days=1),
        entered=1,
        left=4,
        causes={
            "moves": {"definition": [0, 4], "event": [1, 0]},
            "edits": [{"version": 1, "author": "Ada", "at": now.isoformat()}],
        },
    )
    for user, state, error in zip(
        User.objects.order_by("pk")[:2], ("sent", "waiting"), ("", "No connection."), strict=False
    ):
        AlertMail.objects.create(notice=notice, user=user, state=state, error=error, try_at=now)
    return alert
