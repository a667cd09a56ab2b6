"""What holds for the messages of all campaigns: how many a contact gets, and at which hours none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from django.db import transaction

from campaigns.models import SendingRules
from contacts.problems import Problem, Refused
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record

ONLY: Final = 1
"""The id of the one row."""
MOST_MESSAGES: Final = 1_000
MOST_DAYS: Final = 365
OUTBOX_DAYS: Final = 30
MOST_OUTBOX_DAYS: Final = 3_650
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(:00)?", re.ASCII)
DIGITS = re.compile(r"[0-9]{1,6}", re.ASCII)


def current_rules() -> SendingRules:
    """As they are stored; before anything was set, none at all."""
    return SendingRules.objects.filter(pk=ONLY).first() or SendingRules(pk=ONLY)


@transaction.atomic
def set_rules(*, raw: Mapping[str, Any], now: datetime) -> SendingRules:
    """Set all of them, as a form or a program sends them: cap_messages, cap_days, quiet_from and
    quiet_to, where what is empty or missing is none; outbox_days, 30 then. Raises Refused."""
    problems: list[Problem] = []
    messages = _number(raw, "cap_messages", MOST_MESSAGES, problems)
    days = _number(raw, "cap_days", MOST_DAYS, problems)
    begin = _clock(raw, "quiet_from", problems)
    end = _clock(raw, "quiet_to", problems)
    kept = _number(raw, "outbox_days", MOST_OUTBOX_DAYS, problems) or OUTBOX_DAYS
    problems = problems or [
        *_pair_problems(
            {"cap_messages": messages, "cap_days": days},
            "A cap needs both: how many messages, and in how many days.",
        ),
        *_pair_problems(
            {"quiet_from": begin, "quiet_to": end}, "Quiet hours need a beginning and an end."
        ),
    ]
    if begin is not None and begin == end:
        said = "Quiet hours have to end at another time than they begin."
        problems.append(Problem("quiet_to", "equal", said))
    if problems:
        raise Refused(problems)
    values = {
        "cap_messages": messages,
        "cap_days": days,
        "quiet_from": begin,
        "quiet_to": end,
        "outbox_days": kept,
    }
    before = {name: getattr(current_rules(), name) for name in values}
    rules, _ = SendingRules.objects.update_or_create(pk=ONLY, defaults=values)
    if changes := differences(before, values):
        record(action="changed", kind="sending", changes=changes, now=now)
    return rules


def _number(raw: Mapping[str, Any], key: str, most: int, problems: list[Problem]) -> int | None:
    text = _text(raw, key)
    if not text:
        return None
    if DIGITS.fullmatch(text) and 1 <= int(text) <= most:
        return int(text)
    said = f"Write a whole number from 1 to {most:,}, or nothing."
    problems.append(Problem(key, "wrong_number", said))
    return None


def _clock(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> time | None:
    text = _text(raw, key)
    if not text:
        return None
    if found := CLOCK.fullmatch(text):
        return time(int(found[1]), int(found[2]))
    problems.append(Problem(key, "wrong_time", "Write a time of the day, such as 21:30."))
    return None


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return "" if value is None else str(value).strip()


def _pair_problems(values: Mapping[str, object], said: str) -> list[Problem]:
    missing = [key for key, value in values.items() if value is None]
    return [Problem(missing[0], "required", said)] if len(missing) == 1 else []
