"""One thing that somebody does, with everything that is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from segmentflow.demo.fields import STORES
from segmentflow.demo.goods import (
    CAMPAIGNS,
    CATALOGUE,
    CLINICS,
    DESTINATIONS,
    MEDICINES,
    MERCHANTS,
    SPECIALTIES,
    Product,
)


@dataclass(frozen=True, slots=True)
class Doing:
    type: str
    attributes: dict[str, Any]


CATEGORIES: Final = tuple(CATALOGUE)
POPULARITY: Final = (22, 14, 15, 12, 9, 10, 11, 7)


def some_category(random: Random) -> str:
    return random.choices(CATEGORIES, weights=POPULARITY)[0]


def page_visit(category: str, random: Random) -> Doing:
    product = random.choice(CATALOGUE[category])
    return Doing(
        "Page_visit",
        {
            "section": "shop",
            "page": f"/shop/{category}/{_slug(product.name)}",
            "category": category,
            "device": _device(random),
        },
    )


def offer_visit(random: Random) -> Doing:
    place = random.choice(DESTINATIONS)
    return Doing(
        "Page_visit",
        {
            "section": "travel",
            "page": f"/travel/{_slug(place.city)}",
            "destination": place.city,
            "device": _device(random),
        },
    )


def cart_add(category: str, random: Random) -> Doing:
    product = random.choice(CATALOGUE[category])
    quantity = random.choices((1, 2, 3), weights=(84, 12, 4))[0]
    return Doing(
        "Cart_add",
        {
            "product": product.name,
            "category": category,
            "price": _money(product.price),
            "quantity": quantity,
            "device": _device(random),
        },
    )


def purchase(category: str, spends: float, random: Random, *, store: str = "") -> Doing:
    """Online, or in a store; `spends` says how much dearer than usual."""
    bought = _basket(category, spends, random)
    total = sum(product.price for product in bought) * random.uniform(0.9, 1.0)
    place = {"channel": "store", "store": store} if store else {"channel": "online"}
    return Doing(
        "Purchase",
        {
            "amount": _money(total),
            "currency": "EUR",
            "category": category,
            "products": [product.name for product in bought],
            "items": len(bought),
            **place,
        },
    )


def _basket(category: str, spends: float, random: Random) -> list[Product]:
    count = min(6, 1 + int(random.expovariate(1.1 / max(spends, 0.3))))
    products = CATALOGUE[category]
    return random.sample(products, min(count, len(products)))


def booking(today: date, random: Random) -> Doing:
    place = random.choice(DESTINATIONS)
    nights, travellers = random.choice((2, 3, 4, 7, 7, 10, 14)), random.choice((1, 2, 2, 2, 3, 4))
    departure = today + timedelta(days=random.choice((5, 9, 14, 21, 35, 60, 90, 120)))
    price = place.night * nights * travellers * random.uniform(0.7, 1.25)
    return Doing(
        "Booking",
        {
            "destination": place.city,
            "country": place.country,
            "departure": departure.isoformat(),
            "nights": nights,
            "travellers": travellers,
            "price": _money(price),
            "currency": "EUR",
        },
    )


def card_payment(random: Random) -> Doing:
    merchant, category, usual = random.choice(MERCHANTS)
    return Doing(
        "Card_payment",
        {
            "amount": _money(usual * random.lognormvariate(0, 0.45)),
            "currency": "EUR",
            "merchant": merchant,
            "category": category,
            "contactless": random.random() < 0.8,
        },
    )


def account_login(random: Random) -> Doing:
    return Doing(
        "Account_login",
        {"channel": random.choice(("app", "app", "web")), "device": _device(random)},
    )


def appointment(random: Random, *, is_checkup: bool) -> Doing:
    return Doing(
        "Appointment",
        {
            "purpose": "check-up" if is_checkup else "consultation",
            "specialty": SPECIALTIES[0] if is_checkup else random.choice(SPECIALTIES),
            "clinic": random.choice(CLINICS),
        },
    )


def prescription(random: Random) -> Doing:
    medicine, days = random.choice(MEDICINES)
    return Doing(
        "Prescription", {"medicine": medicine, "days": days, "repeat": random.random() < 0.4}
    )


def mail_open(random: Random) -> Doing:
    return Doing("MailOpen", {"campaign": random.choice(CAMPAIGNS), "device": _device(random)})


def mail_click(opened: Doing, random: Random) -> Doing:
    campaign = opened.attributes["campaign"]
    category = some_category(random)
    return Doing("MailClick", {"campaign": campaign, "link": f"/shop/{category}"})


def sms_click(random: Random) -> Doing:
    return Doing("SmsClick", {"campaign": random.choice(CAMPAIGNS), "link": "/s/offers"})


def unsubscribe(random: Random) -> Doing:
    reason = random.choice(("Too many messages", "No longer interested", "Never signed up"))
    return Doing(
        "Unsubscribe",
        {"channel": "email", "campaign": random.choice(CAMPAIGNS), "reason": reason},
    )


def some_store(favourite: str, random: Random) -> str:
    return favourite if random.random() < 0.7 else random.choice(STORES)


def _money(amount: float) -> float:
    return round(amount, 2)


def _device(random: Random) -> str:
    return random.choices(("phone", "desktop", "tablet"), weights=(58, 34, 8))[0]


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
