"""What keeps happening while the demonstration runs: about one event every second or two."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Final

from django.db import DatabaseError, InterfaceError, connection, transaction

from contacts.models import Identity
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.rows import ContactRef, EventRow, new_message_id
from events.services import record_events
from segmentflow.demo import doings
from segmentflow.demo.deciding import first_decisions
from segmentflow.demo.doings import Doing
from segmentflow.demo.lapsing import quiet
from segmentflow.demo.locks import try_share
from segmentflow.demo.people import PREFIX, Person, external_id, newcomer, people
from segmentflow.demo.segments import LIVE
from segmentflow.models import TallySubject
from segmentflow.tallies import total
from segmentflow.workspace import current_workspace
from segments.models import Membership

logger = logging.getLogger(__name__)

WON_BACK: Final = 1 / 20
"""How often an inactive VIP buys, and so leaves that segment."""
JOINS: Final = 1 / 100
"""How often somebody new comes."""
ENOUGH: Final = 1 / 40
"""Fewer inactive VIPs than this part of all contacts are left alone, so that some remain."""
INACTIVE_VIPS: Final = LIVE[0].key
SHORTEST, LONGEST = 1.0, 2.0
"""Seconds from one event to the next."""


def stream(
    *,
    clock: Callable[[], datetime],
    goes_on: Callable[[], bool],
    chance: Random | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Until `goes_on` says no; rests while there is no demonstration, or nobody wants events."""
    chance = chance or Random()  # noqa: S311 - nothing secret
    while goes_on():
        try:
            step(now=clock(), chance=chance)
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("no demonstration event: %s", problem)
            connection.close()
        wait(chance.uniform(SHORTEST, LONGEST))


@transaction.atomic
def step(*, now: datetime, chance: Random) -> None:
    """Store one event, unless the demonstration is away, on its way, or is to be still."""
    workspace = current_workspace()
    if workspace.demo_loaded_at is None or not workspace.demo_streams or not try_share():
        return
    drawn = chance.random()
    if drawn < WON_BACK and (number := _some_inactive_vip(chance)):
        person = _person(number)
        doing = _purchase(person, chance)
    elif WON_BACK <= drawn < WON_BACK + JOINS:
        person = _join(now)
        doing = doings.page_visit(doings.some_category(chance), chance)
    elif number := _some_number(chance):
        person = _person(number)
        doing = _some_doing(person, now, chance)
    else:
        return
    _record(person, doing, now)


def _record(person: Person, doing: Doing, now: datetime) -> None:
    row = EventRow(
        contact=ContactRef("external_id", person.external_id),
        type=doing.type,
        occurred_at=now,
        message_id=f"{PREFIX}{new_message_id(now)}",
        attributes=doing.attributes,
    )
    record_events(rows=[row], now=now)


def _person(number: int) -> Person:
    everybody = people()
    return everybody[number - 1] if number <= len(everybody) else newcomer(number)


def _join(now: datetime) -> Person:
    last = Identity.objects.filter(kind="external_id", value__startswith=PREFIX)
    # Numbers with more digits come later, not in the order of texts.
    numbers = (_number(value) for value in last.values_list("value", flat=True))
    person = newcomer(max(max(numbers, default=0), len(people())) + 1)
    row = ContactRow(
        built_in=person.built_in,
        attributes=person.attributes,
        consents=tuple(first_decisions(person, now)),
    )
    upsert_contacts(rows=[row], now=now)
    return person


def _number(external: str) -> int:
    digits = external.removeprefix(PREFIX)
    return int(digits) if digits.isdecimal() else 0


def _some_number(chance: Random) -> int:
    """Of somebody who is there; a few of them come up far more often than the others."""
    everybody = len(people())
    drawn = int(everybody * chance.random() ** 2.5)
    # Spread, because the first numbers are those who came first.
    wanted = external_id(drawn * 769 % everybody + 1)
    known = Identity.objects.filter(kind="external_id", value__startswith=PREFIX).order_by("value")
    found = known.filter(value__gte=wanted).first() or known.first()
    return _number(found.value) if found else 0


def _some_inactive_vip(chance: Random) -> int:
    members = Membership.objects.filter(
        segment__key=INACTIVE_VIPS, contact__external_id__startswith=PREFIX
    )
    known = list(members.order_by("contact_id").values_list("contact__external_id", flat=True))
    are_enough = len(known) >= ENOUGH * total(TallySubject.CONTACTS)
    return _number(chance.choice(known)) if known and are_enough else 0


def _purchase(person: Person, chance: Random) -> Doing:
    favourite = person.attributes.get("Favourite_store", "")
    store = doings.some_store(favourite, chance) if favourite and chance.random() < 0.5 else ""
    return doings.purchase(doings.some_category(chance), person.habits.spends, chance, store=store)


def _some_doing(person: Person, now: datetime, chance: Random) -> Doing:
    """Something that suits this person; mails are read by those who want them."""
    habits, wants = person.habits, person.attributes
    category = doings.some_category(chance)
    makers: list[tuple[float, Callable[[], Doing]]] = [
        (30, lambda: doings.page_visit(category, chance)),
        (9, lambda: doings.cart_add(category, chance)),
        (9 * (person.number not in quiet()), lambda: _purchase(person, chance)),
        (22 * habits.has_account, lambda: doings.card_payment(chance)),
        (10 * habits.has_account, lambda: doings.account_login(chance)),
        (12 * habits.travels, lambda: doings.offer_visit(chance)),
        (2 * habits.travels, lambda: doings.booking(now.date(), chance)),
        (3 * habits.is_patient, lambda: doings.appointment(chance, is_checkup=False)),
        (2 * habits.is_patient, lambda: doings.appointment(chance, is_checkup=True)),
        (2 * habits.is_patient, lambda: doings.prescription(chance)),
        (26 * bool(wants.get("Email_consent")), lambda: doings.mail_open(chance)),
        (6 * bool(wants.get("Email_consent")), lambda: _click(chance)),
        (5 * bool(wants.get("SMS_consent")), lambda: doings.sms_click(chance)),
        (0.4 * bool(wants.get("Email_consent")), lambda: doings.unsubscribe(chance)),
    ]
    [make] = chance.choices([one for _, one in makers], weights=[weight for weight, _ in makers])
    return make()


def _click(chance: Random) -> Doing:
    return doings.mail_click(doings.mail_open(chance), chance)
