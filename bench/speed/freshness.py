"""How long events take to become memberships, seen from outside: probes, and when they show.

A probe is an event by which a contact enters a segment that it was not in. Its membership is
looked for as any other program would: by asking the database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.speed.findings import quantile
from bench.speed.stage import Site
from bench.speed.waiting import say, wait_until_settled

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.005


@dataclass
class Freshness:
    """Waits for probes; ask `look` often."""

    site: Site
    from_sending: list[float] = field(default_factory=list)
    """Seconds from the sending of the request to the membership."""
    from_answer: list[float] = field(default_factory=list)
    """Seconds from its 202; 0 when it was there before."""
    _sent: dict[int, float] = field(default_factory=dict)
    _answered: dict[int, float] = field(default_factory=dict)
    _seen: dict[int, float] = field(default_factory=dict)

    def sent(self, probes: Sequence[int], *, at: float) -> None:
        self._sent |= dict.fromkeys(probes, at)

    def answered(self, probes: Sequence[int], *, at: float) -> None:
        self._answered |= dict.fromkeys(probes, at)
        for contact_id in probes:
            self._conclude(contact_id)

    def look(self) -> None:
        from django.db import connection

        awaited = [contact_id for contact_id in self._sent if contact_id not in self._seen]
        if not awaited:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT contact_id FROM segments_membership
                WHERE contact_id = ANY(%s) AND segment_id = %s
                """,
                [awaited, self.site.probe_id],
            )
            found = [row[0] for row in cursor.fetchall()]
        at = time.monotonic()
        for contact_id in found:
            self._seen[contact_id] = at
            self.from_sending.append(at - self._sent[contact_id])
            self._conclude(contact_id)

    def _conclude(self, contact_id: int) -> None:
        """The answer and the membership come in either order."""
        seen, answered = self._seen.get(contact_id), self._answered.get(contact_id)
        if seen is None or answered is None:
            return
        self.from_answer.append(max(0.0, seen - answered))
        for times in (self._sent, self._answered, self._seen):
            times.pop(contact_id, None)

    def wait(self) -> None:
        """Until every probe has shown."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._sent.keys() - self._seen.keys():
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(self._sent)} probes moved nobody")
            time.sleep(PAUSE_SECONDS)
            self.look()

    @property
    def median(self) -> float:
        return quantile(self.from_sending, 0.5)

    @property
    def p99(self) -> float:
        return quantile(self.from_sending, 0.99)

    @property
    def longest(self) -> float:
        return max(self.from_sending, default=float("nan"))

    def say(self) -> None:
        say(
            f"    event to membership: median {1000 * self.median:.0f} ms, 99th "
            f"{1000 * self.p99:.0f} ms, longest {1000 * self.longest:.0f} ms "
            f"({len(self.from_sending)})"
        )


def settled(site: Site) -> float:
    """Waits until everything has been followed; the honest end of a run. Answers the seconds."""
    return wait_until_settled(pause=PAUSE_SECONDS)
