"""Old events go at random times, and members are those that the rest alone would make."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from segments.engine import refresh
from tests.flow.history import History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Forgetful(History):
    """Much is erased, and the directions of changes are heeded always, as among many contacts."""

    def _move(self) -> None:
        super()._move()
        if self.rng.random() < 0.4:
            self._keep()

    def _begin(self) -> None:
        super()._begin()
        refresh.FEW = 0  # undone where the history ends


@pytest.mark.parametrize("seed", range(20))
def test_members_are_right_after_every_step_of_forgetting(seed: int):
    with patch.object(refresh, "FEW", 0):
        assert Forgetful(seed).play() is None
