"""What the people of the demonstration decided when they came, in keeping with their fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from contacts.decisions import Decision
from contacts.models import Channel
from segmentflow.demo.histories import Life
from segmentflow.demo.people import Person, random_for

SOURCES: Final = ("Sign-up form", "Sign-up form", "Checkout", "Store counter")
APP: Final = "Mobile app"


def consents_of(life: Life, joined_at: datetime) -> tuple[Decision, ...]:
    """Whoever unsubscribes later had agreed before."""
    has_left = any(one.doing.type == "Unsubscribe" for one in life.happened)
    return tuple(first_decisions(life.person, joined_at, has_left=has_left))


def first_decisions(person: Person, at: datetime, *, has_left: bool = False) -> Iterator[Decision]:
    random = random_for("consents", person.number)
    source = random.choice(SOURCES)
    wants_mail = bool(person.attributes.get("Email_consent"))
    yield Decision(Channel.EMAIL.value, wants_mail or has_left, source, at)
    if person.built_in.get("phone"):
        yield Decision(Channel.SMS.value, bool(person.attributes.get("SMS_consent")), source, at)
    # The others never had the app, and were never asked.
    if person.habits.has_account:
        yield Decision(Channel.PUSH.value, random.random() < 0.7, APP, at)
