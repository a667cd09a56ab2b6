"""The people of the demonstration: who they are, and how they live.

Everything here follows from the seed, so that the same people come back each time. What
depends on the day (histories.py) is not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from segmentflow.demo.fields import INTERESTS, PLANS, PRODUCTS, STORES
from segmentflow.demo.places import (
    COUNTRIES,
    Country,
    folded,
    some_city,
    some_country,
    some_phone,
)

if TYPE_CHECKING:
    from faker import Faker

SEED: Final = 20_261
PREFIX: Final = "demo-"
"""Of the external ids of everybody in the demonstration, and of nobody else."""
PEOPLE: Final = 2_000
YEAR: Final = 365
DOMAINS: Final = ("example.com", "example.org", "example.net")
AIRPORTS: Final = {
    "PL": ("WAW", "KRK", "GDN"),
    "DE": ("BER", "HAM", "MUC", "FRA"),
    "GB": ("LHR", "MAN", "BHX"),
    "FR": ("CDG", "LYS", "MRS"),
    "ES": ("MAD", "BCN"),
    "IT": ("FCO", "MXP"),
    "NL": ("AMS",),
    "PT": ("LIS", "OPO"),
    "SE": ("ARN", "GOT"),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody does, and how much of it compared with others."""

    activity: float
    """1 on average; most have less, a few have very much more."""
    shops_online: bool
    shops_in_store: bool
    has_account: bool
    travels: bool
    is_patient: bool
    reads_mail: float
    """How likely a mail is opened."""
    spends: float
    """How much dearer than others somebody buys."""


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    country: Country
    joined_before: timedelta
    """How long ago somebody came."""
    habits: Habits
    built_in: dict[str, str]
    attributes: dict[str, Any]

    @property
    def external_id(self) -> str:
        return external_id(self.number)

    @property
    def status(self) -> str:
        return str(self.attributes.get("Status_VIP", ""))


def external_id(number: int) -> str:
    return f"{PREFIX}{number:04}"


def random_for(purpose: str, number: int) -> Random:
    """One for each person and purpose: what is added for one leaves the others as they are."""
    return Random(f"{SEED} {purpose} {number}")  # noqa: S311 - believable, not secret


@cache
def people() -> tuple[Person, ...]:
    """In the order in which they came; number 1 came first."""
    ages = sorted((_age(random_for("age", n)) for n in range(1, PEOPLE + 1)), reverse=True)
    taken: set[str] = set()
    names = {country.code: _faker(country, "") for country in COUNTRIES}
    return tuple(
        _person(number, joined_before, names, taken)
        for number, joined_before in enumerate(ages, start=1)
    )


def newcomer(number: int) -> Person:
    """Somebody who comes while the demonstration runs, with a number that nobody has."""
    names = _newcomers_names()
    for faker in names.values():
        faker.seed_instance(f"{SEED} {number}")
    person = _person(number, timedelta(), names, set())
    name, _, domain = person.built_in["email"].partition("@")
    # Known by email alone at first; with the number nobody else has it.
    person.built_in["email"] = f"{name}.{number}@{domain}"
    person.built_in.pop("phone", None)
    person.attributes["SMS_consent"] = False
    return person


@cache
def _newcomers_names() -> dict[str, Faker]:
    return {country.code: _faker(country, "later") for country in COUNTRIES}


def _faker(country: Country, purpose: str) -> Faker:
    from faker import Faker  # heavy, and pages that import this module need none

    faker = Faker(country.locale)
    faker.seed_instance(f"{SEED} {country.code} {purpose}".rstrip())
    return faker


def _age(random: Random) -> timedelta:
    """How long ago somebody came: half of them within the last year, some this very week."""
    days = random.choices(
        (random.uniform(YEAR, 3 * YEAR), random.uniform(7, YEAR), random.uniform(0.05, 7)),
        weights=(54, 44, 2),
    )[0]
    return timedelta(days=days)


def _person(
    number: int, joined_before: timedelta, names: dict[str, Faker], taken: set[str]
) -> Person:
    random = random_for("person", number)
    country = some_country(random)
    habits = _habits(random)
    built_in = _built_in(number, country, names[country.code], taken, random)
    attributes = dict(_attributes(country, habits, random))
    if "phone" not in built_in:
        attributes["SMS_consent"] = False
    return Person(number, country, joined_before, habits, built_in, attributes)


def _habits(random: Random) -> Habits:
    activity = min(random.lognormvariate(-0.6, 1.1), 10.0)
    online, store = random.random() < 0.75, random.random() < 0.5
    return Habits(
        activity=activity,
        shops_online=online or not store,
        shops_in_store=store,
        has_account=random.random() < 0.4,
        travels=random.random() < 0.35,
        is_patient=random.random() < 0.35,
        reads_mail=random.choice((0.0, 0.08, 0.2, 0.35, 0.6)),
        spends=random.lognormvariate(0, 0.4),
    )


def _built_in(
    number: int, country: Country, names: Faker, taken: set[str], random: Random
) -> dict[str, str]:
    is_woman = random.random() < 0.52
    first = names.first_name_female() if is_woman else names.first_name_male()
    last = names.last_name_female() if is_woman else names.last_name_male()
    known = {
        "external_id": external_id(number),
        "email": _email(first, last, taken, random),
        "first_name": first,
        "last_name": last,
        "city": some_city(country, random),
        "country": country.code,
        "language": country.language,
        "timezone": country.zone.key,
        "preferred_channel": random.choices(("email", "sms", "post"), weights=(70, 24, 6))[0],
    }
    if random.random() < 0.85:
        known["phone"] = _phone(country, taken, random)
    return known


def _email(first: str, last: str, taken: set[str], random: Random) -> str:
    name, domain = f"{folded(first)}.{folded(last)}", random.choice(DOMAINS)
    email, turn = f"{name}@{domain}", 1
    while email in taken:
        turn += 1
        email = f"{name}{turn}@{domain}"
    taken.add(email)
    return email


def _phone(country: Country, taken: set[str], random: Random) -> str:
    phone = some_phone(country, random)
    while phone in taken:
        phone = some_phone(country, random)
    taken.add(phone)
    return phone


def _attributes(country: Country, habits: Habits, random: Random) -> Iterator[tuple[str, Any]]:
    if random.random() < 0.86:
        yield "Birthday", _birthday(random).isoformat()
    yield "Email_consent", random.random() < 0.8
    yield "SMS_consent", random.random() < 0.45
    if status := _status(habits, random):
        yield "Status_VIP", status
    yield "Interests", sorted(random.sample(INTERESTS, random.randint(1, 4)))
    if habits.shops_in_store:
        yield "Loyalty_card", f"7042 {random.randrange(10_000):04} {random.randrange(10_000):04}"
        yield "Loyalty_points", int(random.lognormvariate(6, 0.9) * min(habits.activity, 3))
        yield "Favourite_store", random.choice(STORES)
    if habits.has_account:
        yield "Bank_products", _products(random)
        yield "Account_balance", round(random.lognormvariate(7.6, 1.0), 2)
    if habits.travels:
        yield "Home_airport", random.choice(AIRPORTS[country.code])
    if habits.is_patient:
        yield "Health_plan", random.choices(PLANS, weights=(5, 3, 2))[0]


def _birthday(random: Random) -> date:
    born = date(1945, 1, 1) + timedelta(days=random.randrange(62 * YEAR))
    return born + timedelta(days=15) if (born.month, born.day) == (2, 29) else born


def _status(habits: Habits, random: Random) -> str:
    """Who buys more has a higher one, by and large."""
    merit = habits.activity * habits.spends * random.uniform(0.6, 1.6)
    return next((name for name, least in _LEAST.items() if merit >= least), "")


_LEAST: Final = {"Platinum": 3.6, "Gold": 1.6, "Silver": 0.8}


def _products(random: Random) -> list[str]:
    shares = (1.0, 0.5, 0.4, 0.15, 0.25, 0.2)
    return [name for name, share in zip(PRODUCTS, shares, strict=True) if random.random() < share]
