"""Old events go at random times, and members are those that the rest alone would make."""

from __future__ import annotations

import pytest

from tests.flow.history import History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Forgetful(History):
    """Much is erased."""

    def _move(self) -> None:
        super()._move()
        if self.rng.random() < 0.4:
            self._keep()


@pytest.mark.parametrize("seed", range(20))
def test_members_are_right_after_every_step_of_forgetting(seed: int):
    assert Forgetful(seed).play() is None
