"""An explanation in words: how many conditions hold, which of them decide, and what will happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from segments.conditions.nodes import Everyone, Group, Match
from segments.engine.explain import Explanation
from segments.explained import (
    FOLLOWED,
    SUPPOSED,
    deciding,
    foretold,
    later_words,
    reason,
    verdict_of,
)
from segments.tests.language import LABELS

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(days=13, microseconds=1)


T, F = True, False


def group(match: str, *children: Explanation | bool, path: str = "", name: str = "") -> Explanation:
    """Of given truths; what they are about does not matter."""
    below = tuple(
        child
        if isinstance(child, Explanation)
        else Explanation(f"{path}/{number}", Everyone(), child, None, None, ())
        for number, child in enumerate(children)
    )
    truths = [child.truth for child in below]
    truth = {"all": all(truths), "any": any(truths), "none": not any(truths)}[match]
    node = Group(Match(match), tuple(child.node for child in below), name)
    return Explanation(path, node, truth, None, None, below)


@pytest.mark.parametrize(
    ("match", "truths", "words", "decisive"),
    [
        ("all", [True, True], "All 2 conditions hold.", []),
        ("all", [True, False, True], "2 of 3 conditions hold; all are needed.", [False]),
        ("all", [False, False], "0 of 2 conditions hold; all are needed.", []),
        ("any", [True, False], "1 of 2 conditions holds; one is enough.", [True]),
        ("any", [False, False], "None of the 2 conditions holds; one is needed.", []),
        ("none", [False, False], "None of the 2 conditions holds, as is asked for.", []),
        ("none", [True, False], "1 of 2 conditions holds; none may.", [True]),
        ("all", [True], "The only condition holds.", []),
        ("any", [False], "The only condition does not hold.", []),
        ("none", [True], "The only condition holds and may not.", []),
    ],
)
def test_what_decides_is_told(match, truths, words, decisive):
    told = reason(group(match, *truths), labels=LABELS, now=NOW)

    assert told.words == words
    assert [one.passes for one in told.deciding] == decisive


def test_of_many_that_decide_a_few_are_named():
    told = reason(group("all", *[F] * 8, T), labels=LABELS, now=NOW)

    assert (len(told.deciding), told.more) == (5, 3)


def test_what_decides_goes_down_into_subsegments():
    inner = group("none", T, F, path="/1", name="Nobody")
    found = verdict_of(group("all", T, inner), labels=LABELS, now=NOW)

    assert [child.decides for child in found.children] == [False, True]
    assert found.children[1].label == "None of “Nobody”"
    assert deciding(group("any", F, T)) == {"/1"}


@pytest.mark.parametrize(
    ("truth", "until", "changes_at", "words", "whole"),
    [
        (True, SOON, SOON, "until 3 Dec 2026, 13:00", "Leaves on 3 Dec 2026, 13:00 if nothing happens."),
        (False, SOON, SOON, "from 3 Dec 2026, 13:00", "Enters on 3 Dec 2026, 13:00 if nothing happens."),
        (
            True,
            SOON,
            None,
            "at least until 3 Dec 2026, 13:00",
            "Stays as it is at least until 3 Dec 2026, 13:00 if nothing happens.",
        ),
        (True, None, None, "", "Time alone changes nothing."),
    ],
)  # fmt: skip
def test_what_time_will_do_is_told(truth, until, changes_at, words, whole):
    one = Explanation("", Everyone(), truth, None, until, (), changes_at)

    assert later_words(one, LABELS) == words
    assert foretold(one, LABELS, FOLLOWED) == whole
    if changes_at:
        assert foretold(one, LABELS, SUPPOSED).startswith("Would ")
