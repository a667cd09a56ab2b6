"""What holds for all campaigns can be set, and nonsense is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from campaigns.rules import current_rules, set_rules
from contacts.problems import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_at_first_there_are_no_rules():
    rules = current_rules()

    assert (rules.cap_messages, rules.cap_days, rules.quiet_from, rules.quiet_to) == (None,) * 4


def test_rules_are_set_as_forms_and_programs_send_them():
    set_rules(
        raw={"cap_messages": "3", "cap_days": 7, "quiet_from": "21:30", "quiet_to": time(8)},
        now=NOW,
    )

    rules = current_rules()
    assert (rules.cap_messages, rules.cap_days) == (3, 7)
    assert (rules.quiet_from, rules.quiet_to) == (time(21, 30), time(8))


def test_empty_takes_a_rule_away():
    set_rules(raw={"cap_messages": "3", "cap_days": "7"}, now=NOW)

    set_rules(raw={"cap_messages": "", "cap_days": None}, now=NOW)

    assert current_rules().cap_messages is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"cap_messages": "3"}, "cap_days"),
        ({"cap_days": "3"}, "cap_messages"),
        ({"cap_messages": "0", "cap_days": "7"}, "cap_messages"),
        ({"cap_messages": "3", "cap_days": "1e3"}, "cap_days"),
        ({"cap_messages": "٣", "cap_days": "7"}, "cap_messages"),
        ({"cap_messages": "99999999999", "cap_days": "7"}, "cap_messages"),
        ({"outbox_days": "0"}, "outbox_days"),
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_to": "8:00"}, "quiet_from"),
        ({"quiet_from": "25:00", "quiet_to": "8:00"}, "quiet_from"),
        ({"quiet_from": "8:00", "quiet_to": "08:00"}, "quiet_to"),
        ({"quiet_from": "8:00\x00", "quiet_to": "9:00"}, "quiet_from"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(raw, path):
    with pytest.raises(Refused) as refused:
        set_rules(raw=raw, now=NOW)

    assert [problem.path for problem in refused.value.problems] == [path]
    assert current_rules().cap_messages is None
    assert current_rules().quiet_from is None
