"""Rebuilds in small bites, with everything else going on between them."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest

from segments.engine import lane
from segments.engine.refresh import follow_pending
from segments.engine.turning import note_time
from tests.flow.history import History

pytestmark = pytest.mark.django_db


class Interleaved(History):
    """Definitions change often, and the engine takes a step or two after each move."""

    def _move(self) -> None:
        if self.rng.random() < 0.3:
            self._edit()
        super()._move()
        for _ in range(self.rng.randrange(4)):
            note_time(now=self.now, tolerance=timedelta())
            if self.rng.random() < 0.6:
                lane.advance_rebuilds(now=self.now)
            else:
                follow_pending(now=self.now)


@pytest.mark.parametrize("seed", range(12))
def test_members_are_right_whatever_happens_between_the_bites(seed: int):
    with patch.object(lane, "MOST", 1), patch.object(lane.pace, "size", 1):
        assert Interleaved(seed, segments=8).play() is None
