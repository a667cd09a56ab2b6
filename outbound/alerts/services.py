"""Writes about alerts: what people want to be told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from campaigns.targeted import hold_segments
from contacts.problems import Problem, Refused
from outbound.alerts.locks import hold_looking
from outbound.alerts.models import Alert, AlertMail, AlertRule
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.models import User
from segmentflow.templatetags.ui import count
from segments.models import Segment

Kind = AlertRule.Kind
MOST_PERCENT: Final = 100_000
MOST_MEMBERS: Final = 10**15
MOST_USERS: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is to be told of; None: not of that."""

    change: int | None = None
    """Per cent in a day."""
    empty: bool = False
    below: int | None = None
    above: int | None = None
    to_owner: bool = True
    users: Sequence[User] = field(default_factory=tuple)
    is_paused: bool = False

    @property
    def rules(self) -> dict[str, int]:
        numbers = {Kind.CHANGE: self.change, Kind.BELOW: self.below, Kind.ABOVE: self.above}
        found = {kind.value: number for kind, number in numbers.items() if number is not None}
        return found | ({Kind.EMPTY.value: 0} if self.empty else {})


@transaction.atomic
def set_alert(*, segment: Segment, wanted: Wanted) -> Alert:
    """From now on it is so. Bounds that stay as they were keep on which side of them the segment is.

    Raises Refused, or Conflict when the segment has gone.
    """
    _check(wanted)
    hold_looking()
    hold_segments([segment.pk])
    before = _facts(segment)
    alert, _ = Alert.objects.update_or_create(
        segment=segment,
        defaults={"to_owner": wanted.to_owner, "is_paused": wanted.is_paused},
    )
    alert.users.set(wanted.users)
    _set_rules(alert, wanted.rules)
    if changes := differences(before, _facts(segment)):
        _note("changed" if before else "created", segment, changes=changes)
    return alert


def _facts(segment: Segment) -> dict[str, Any]:
    alert = Alert.objects.filter(segment=segment).first()
    if alert is None:
        return {}
    return {
        **{rule.kind: rule.number for rule in alert.rules.order_by("kind")},
        "to_owner": alert.to_owner,
        "is_paused": alert.is_paused,
        "users": [user.get_username() for user in alert.users.order_by("pk")],
    }


def _note(action: str, segment: Segment, **more: Any) -> None:
    record(action=action, kind="alert", key=segment.key, name=segment.name, **more)


def _set_rules(alert: Alert, wanted: Mapping[str, int]) -> None:
    alert.rules.exclude(kind__in=wanted).delete()
    known = {rule.kind: rule for rule in alert.rules.all()}
    for kind, number in wanted.items():
        if kind not in known:
            AlertRule.objects.create(alert=alert, kind=kind, number=number)
        elif known[kind].number != number:
            rule = known[kind]
            rule.number, rule.is_over, rule.since, rule.told_at = number, None, None, None
            rule.save()


@transaction.atomic
def forget_alert(*, segment: Segment) -> None:
    """Nobody is told of anything any more; the log stays."""
    hold_looking()
    if Alert.objects.filter(segment=segment).delete()[0]:
        _note("removed", segment)


@transaction.atomic
def try_mails_again(*, segment: Segment, now: datetime) -> int:
    """What could not be sent is tried at once; how many mails."""
    mails = AlertMail.objects.filter(notice__segment=segment).exclude(state=AlertMail.State.SENT)
    number = mails.update(state=AlertMail.State.WAITING, try_at=now)
    if number:
        _note("tried again", segment, said=count(number, "mail"), now=now)
    return number


def _check(wanted: Wanted) -> None:
    problems = []
    if wanted.change is not None and not 1 <= wanted.change <= MOST_PERCENT:
        said = f"Write a whole number of per cent from 1 to {MOST_PERCENT:,}."
        problems.append(Problem("change", "wrong_number", said))
    for name in ("below", "above"):
        number = getattr(wanted, name)
        if number is not None and not (name == "below") <= number <= MOST_MEMBERS:
            said = f"Write a whole number from {int(name == 'below')} to {MOST_MEMBERS:,}."
            problems.append(Problem(name, "wrong_number", said))
    if None not in (wanted.below, wanted.above) and wanted.above < wanted.below:  # type: ignore[operator] # neither is None
        said = "The lower bound lies above the upper one, so that one of them always holds."
        problems.append(Problem("below", "crossed", said))
    if len(wanted.users) > MOST_USERS:
        said = f"At most {MOST_USERS} people are told."
        problems.append(Problem("users", "too_many", said))
    if wanted.rules and not wanted.to_owner and not wanted.users:
        said = "Choose who is told: the owner, or somebody else."
        problems.append(Problem("users", "required", said))
    if problems:
        raise Refused(problems)
