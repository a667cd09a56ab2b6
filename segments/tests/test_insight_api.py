"""Overlap and suggestions for programs."""

from __future__ import annotations

import pytest

from contacts.problems import Refused
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.limits import TooSlow
from segments.tests.made import EVERYONE, GOLD, make_contact, make_field, make_segment, settled

pytestmark = pytest.mark.django_db

OVERLAP = "/api/v1/segments/overlap"


@pytest.fixture
def ask(client):
    _, key = create_key(name="Shop", scopes=["read"])

    def get(path, **asked):
        return client.get(path, asked, headers={"Authorization": f"Bearer {key}"})

    return get


@pytest.fixture(autouse=True)
def _segments():
    make_field()
    for n in range(40):
        make_contact(f"u{n}", attributes={"tier": "Gold" if n < 15 else "Silver"})
    settled(make_segment("all", EVERYONE), now=current_time())
    settled(make_segment("gold", GOLD), now=current_time())


def test_every_combination_is_answered(ask):
    assert ask(OVERLAP, segment=["gold", "all"]).json() == {
        "segments": [
            {"key": "gold", "name": "Gold", "count": 15},
            {"key": "all", "name": "All", "count": 40},
        ],
        "in_all": 15,
        "in_any": 40,
        "in_none": 0,
        "combinations": [
            {"inside": ["all"], "outside": ["gold"], "count": 25, "share": 0.625},
            {"inside": ["gold", "all"], "outside": [], "count": 15, "share": 0.375},
            {"inside": ["gold"], "outside": ["all"], "count": 0, "share": 0.0},
        ],
    }


@pytest.mark.parametrize(
    ("keys", "status"),
    [([], 400), (["all"], 400), (["all", "gone"], 404), (["a", "b", "c", "d", "e", "f"], 400)],
)
def test_what_cannot_be_compared_is_a_problem(ask, keys, status):
    answer = ask(OVERLAP, segment=keys)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_what_distinguishes_members_is_answered(ask):
    answer = ask("/api/v1/segments/gold/suggestions").json()

    assert answer["sample"] == {
        "members": 15,
        "others": 25,
        "total_members": 15,
        "total_others": 25,
    }
    [found] = answer["results"]
    assert found["condition"] == GOLD["children"][0]
    assert (found["members_with"], found["others_with"], found["lift"]) == (15, 0, None)
    assert found["in_definition"] is True


@pytest.mark.parametrize("path", [OVERLAP, "/api/v1/segments/gold/suggestions"])
def test_what_takes_too_long_is_a_problem(ask, monkeypatch, path):
    def fail(*given, **more):
        raise TooSlow

    monkeypatch.setattr("segments.api_insight.overlap_of", fail)
    monkeypatch.setattr("segments.api_insight.suggestions_for", fail)
    answer = ask(path, segment=["gold", "all"])

    assert answer.status_code == 503
    assert "in time" in answer.json()["detail"]


def test_no_segment_has_the_key_that_stands_for_overlap(ask):
    with pytest.raises(Refused, match="overlap"):
        make_segment("overlap")
