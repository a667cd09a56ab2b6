"""What the watcher looks at now and then, whatever happens to the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from segmentflow.turns import NowAndThen

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_it_is_looked_at_once_in_a_while_and_soon_after_the_clock_was_put_back():
    looked: list[datetime] = []

    def is_due(now: datetime) -> bool:
        looked.append(now)
        return False

    looks = NowAndThen(between=MINUTE, is_due=is_due, wake=lambda: None)
    back = NOW - timedelta(hours=1)

    for at in (NOW, NOW + MINUTE / 2, NOW + MINUTE, NOW + MINUTE * 1.5, back, back + MINUTE / 2):
        assert looks.look(at) is None

    assert looked == [NOW, NOW + MINUTE, back]
