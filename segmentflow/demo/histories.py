"""What each person did during the year before the demonstration was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from segmentflow.demo import doings, moments
from segmentflow.demo.doings import Doing
from segmentflow.demo.moments import Calendar, Rhythm
from segmentflow.demo.people import Person, random_for

VISITS, STORE_PURCHASES, PAYMENTS, LOGINS = 7.3, 5.5, 15.0, 7.0
DREAMS, BOOKINGS, CONSULTATIONS, PRESCRIPTIONS, MAILS, MESSAGES = 5.0, 0.8, 1.0, 1.3, 28.0, 1.6
"""A year, of somebody with the activity 1."""

WORTH_A_VIP: Final = 560
"""What somebody has spent at least in the year before falling silent."""


class Happened(NamedTuple):
    at: datetime
    doing: Doing


class Learnt(NamedTuple):
    at: datetime
    field: str
    value: Any


@dataclass(slots=True)
class Life:
    """What a person did until the end of the year."""

    person: Person
    happened: list[Happened] = field(default_factory=list)
    learnt: list[Learnt] = field(default_factory=list)
    """Fields that follow from what happened, each since it did."""


def live(person: Person, calendar: Calendar, *, last_purchase_at: datetime | None) -> Life:
    """The year of a person, who bought for the last time at `last_purchase_at`, if given."""
    year = _Year(person, calendar, random_for("year", person.number))
    happened = [*year.shopping(), *year.banking(), *year.travelling(), *year.reading()]
    life = Life(person, happened)
    if last_purchase_at is not None:
        life.happened = year.ended_shopping(life.happened, last_purchase_at)
    checkups = year.checkups()
    life.happened += [*checkups, *year.treatments()]
    life.happened.sort(key=lambda one: one.at)
    life.learnt = sorted(_learnt(life, year), key=lambda one: one.at)
    return life


class _Year:
    def __init__(self, person: Person, calendar: Calendar, random: Random) -> None:
        self.person, self.calendar, self.random = person, calendar, random
        self.since = min(person.joined_before, timedelta(days=moments.DAYS))
        self.share = self.since / timedelta(days=moments.DAYS)

    def shopping(self) -> Iterator[Happened]:
        habits = self.person.habits
        if habits.shops_online:
            for at in self._moments(VISITS, moments.BROWSING):
                yield from self._visit(at)
        if habits.shops_in_store:
            favourite = self.person.attributes["Favourite_store"]
            for at in self._moments(STORE_PURCHASES, moments.IN_STORE):
                store = doings.some_store(favourite, self.random)
                yield Happened(at, self._purchase(doings.some_category(self.random), store))

    def banking(self) -> Iterator[Happened]:
        if self.person.habits.has_account:
            for at in self._moments(PAYMENTS, moments.PAYING):
                yield Happened(at, doings.card_payment(self.random))
            for at in self._moments(LOGINS, moments.BANKING):
                yield Happened(at, doings.account_login(self.random))

    def travelling(self) -> Iterator[Happened]:
        if not self.person.habits.travels:
            return
        for at in self._moments(DREAMS, moments.DREAMING):
            for step in range(self.random.choice((1, 2, 2, 3))):
                yield Happened(self._later(at, step * 90), doings.offer_visit(self.random))
        for at in self._moments(BOOKINGS, moments.DREAMING):
            yield Happened(at, doings.booking(at.date(), self.random))

    def reading(self) -> Iterator[Happened]:
        """Newsletters and text messages, as far as somebody wants them."""
        attributes, random = self.person.attributes, self.random
        end = self.calendar.now
        if not attributes["Email_consent"]:
            gone_at = self._moment(moments.READING) if random.random() < 0.4 else None
            if gone_at:
                yield Happened(gone_at, doings.unsubscribe(random))
            end = gone_at or self.calendar.now - self.since
        for at in self._moments(MAILS * self.person.habits.reads_mail, moments.READING):
            if at < end:
                opened = doings.mail_open(random)
                yield Happened(at, opened)
                if random.random() < 0.25:
                    clicked_at = self._later(at, random.randrange(10, 120))
                    yield Happened(clicked_at, doings.mail_click(opened, random))
        if attributes["SMS_consent"]:
            for at in self._moments(MESSAGES, moments.READING):
                yield Happened(at, doings.sms_click(random))

    def checkups(self) -> list[Happened]:
        """Most insured people had theirs during the year, some did not."""
        if not self.person.habits.is_patient or self.random.random() > 0.6:
            return []
        at = self._moment(moments.AT_THE_DOCTORS)
        return [Happened(at, doings.appointment(self.random, is_checkup=True))] if at else []

    def treatments(self) -> Iterator[Happened]:
        if self.person.habits.is_patient:
            for at in self._moments(CONSULTATIONS, moments.AT_THE_DOCTORS):
                yield Happened(at, doings.appointment(self.random, is_checkup=False))
            for at in self._moments(PRESCRIPTIONS, moments.AT_THE_DOCTORS):
                yield Happened(at, doings.prescription(self.random))

    def ended_shopping(self, happened: list[Happened], end: datetime) -> list[Happened]:
        """Nothing bought after `end`, something then, and enough before to be worth a VIP."""
        kept = [
            one
            for one in happened
            if one.doing.type not in ("Purchase", "Cart_add") or one.at < end
        ]
        kept.append(Happened(end, self._purchase(doings.some_category(self.random))))
        spent = sum(one.doing.attributes["amount"] for one in kept if _is_purchase(one))
        while spent < WORTH_A_VIP:
            before = end - timedelta(days=self.random.uniform(0.5, 14))
            bought = self._purchase(doings.some_category(self.random))
            kept.append(Happened(before, bought))
            spent += bought.attributes["amount"]
        return kept

    def talk(self) -> datetime | None:
        """When somebody last called customer service, which few do."""
        return self._moment(moments.BANKING) if self.random.random() < 0.2 else None

    def _visit(self, at: datetime) -> Iterator[Happened]:
        """Pages of the shop, often something into the cart, sometimes bought right away."""
        random, category = self.random, doings.some_category(self.random)
        for _ in range(random.choices((1, 2, 3, 5), weights=(45, 28, 18, 9))[0]):
            yield Happened(at, doings.page_visit(category, random))
            at = self._later(at, random.randrange(15, 240))
        if random.random() < 0.42:
            yield Happened(at, doings.cart_add(category, random))
            if random.random() < 0.62:
                at = self._later(at, random.randrange(60, 1500))
                yield Happened(at, self._purchase(category))

    def _purchase(self, category: str, store: str = "") -> Doing:
        return doings.purchase(category, self.person.habits.spends, self.random, store=store)

    def _moment(self, rhythm: Rhythm) -> datetime | None:
        zone = self.person.country.zone
        return self.calendar.draw(rhythm, zone, self.random, since=self.since)

    def _moments(self, a_year: float, rhythm: Rhythm) -> Iterator[datetime]:
        mean = a_year * self.person.habits.activity * self.share
        passed = self.random.expovariate(1)
        while passed < mean:
            if at := self._moment(rhythm):
                yield at
            passed += self.random.expovariate(1)

    def _later(self, at: datetime, seconds: float) -> datetime:
        """Nothing happens in the future."""
        return min(at + timedelta(seconds=seconds), self.calendar.now)


def _is_purchase(one: Happened) -> bool:
    return one.doing.type == "Purchase"


def _learnt(life: Life, year: _Year) -> Iterator[Learnt]:
    zone = life.person.country.zone
    for one in life.happened:
        if _is_purchase(one) and "store" in one.doing.attributes:
            yield Learnt(one.at, "Last_visit_date", one.at.astimezone(zone).date().isoformat())
    if life.person.habits.is_patient:
        for at, due in _checkups_due(life, year):
            yield Learnt(at, "Next_checkup_date", due.isoformat())
    if talked_at := year.talk():
        yield Learnt(talked_at, "Last_contacted_at", talked_at.replace(microsecond=0).isoformat())


def _checkups_due(life: Life, year: _Year) -> Iterator[tuple[datetime, date]]:
    """When each date became known. A year after one comes the next, which few make on the day;
    who had none is late, or has theirs within weeks."""
    came_at = year.calendar.now - life.person.joined_before
    done = [one.at for one in life.happened if one.doing.attributes.get("purpose") == "check-up"]
    if not done:
        yield came_at, year.calendar.now.date() + timedelta(days=year.random.randint(-30, 75))
        return
    early = random_for("early", life.person.number).randint(-20, 20)
    yield came_at, min(done).date() + timedelta(days=early)
    for at in done:
        yield at, at.date() + timedelta(days=moments.DAYS)
