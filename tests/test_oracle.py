"""The oracle agrees with every shared case; without that it could prove nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.cases import CASES, Case
from tests.oracle import is_member


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_oracle_finds_the_contacts_of_every_case(case: Case):
    world = case.world

    members = [
        name
        for name, person in world.people.items()
        if is_member(
            case.definition, person, world.now, ZoneInfo(world.zone), world.fields, world.segments
        )
    ]

    assert sorted(members) == sorted(case.expect)
