"""Senders in processes of their own, to be killed: python -m campaigns.delivery.tests.sender PORT AT_ONCE.

Loaded once; each line on the standard input forks one more, and its process id is answered.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from segmentflow.processes.lifeline import tie_forks


class RealClock:
    def now(self) -> datetime:
        return timezone.now()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def main(port: int, at_once: int) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    django.setup()
    # Loaded here, and not again by each.
    import campaigns.channels.mail
    import campaigns.delivery.running
    import campaigns.delivery.tests.made  # noqa: F401

    tie_forks()
    # Nobody waits for those that end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)  # noqa: T201 - it is asked for
            continue
        send(port, at_once)
        os._exit(0)


def send(port: int, at_once: int) -> None:
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
