"""Members follow data and time exactly: random histories against the oracle from nothing."""

from __future__ import annotations

import pytest

from tests.flow.history import History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("seed", range(25))
def test_stored_members_are_right_after_every_step_of_a_history(seed: int):
    assert History(seed).play() is None
