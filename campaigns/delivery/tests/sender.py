"""A sender in a process of its own, to be killed: python -m campaigns.delivery.tests.sender PORT AT_ONCE."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import datetime

from django.utils import timezone


class RealClock:
    def now(self) -> datetime:
        return timezone.now()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def main(port: int, at_once: int) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    django.setup()
    from campaigns.channels.adapters import WayFacts
    from campaigns.channels.mail import MailCarrier
    from campaigns.delivery.looking import look
    from campaigns.delivery.running import deliver
    from campaigns.delivery.tests.made import outside

    config = {"host": "127.0.0.1", "port": port, "security": "none"}
    way = WayFacts("email", "smtp", config)
    needed = replace(
        outside(MailCarrier(way, RealClock().now)),
        carrier=lambda _, clock: MailCarrier(way, clock),
        at_once=lambda _: at_once,
    )
    while look(RealClock().now()):
        until = time.monotonic() + 0.5
        deliver(clock=RealClock(), outside=needed, goes_on=lambda: time.monotonic() < until)  # noqa: B023
        time.sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
