"""What django-q runs for alerts: a look at all sizes, then the mails."""

from __future__ import annotations

from outbound.alerts.looking import look_at_alerts
from outbound.alerts.mailing import send_mails
from outbound.alerts.wakes import ALERT
from segmentflow.clock import current_time
from segmentflow.wakeups import at_work


def look_and_tell() -> None:
    with at_work(ALERT):
        look_at_alerts(now=current_time())
        while send_mails(clock=current_time):
            pass
