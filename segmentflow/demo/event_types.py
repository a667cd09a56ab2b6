"""The sorts of events that the demonstration brings."""

from __future__ import annotations

from typing import Final, NamedTuple

from events.models import EventType


class Sort(NamedTuple):
    key: str
    label: str
    description: str
    value_attribute: str = ""
    origin: str = EventType.Origin.CUSTOMER


SORTS: Final = (
    Sort("Purchase", "Purchase", "Something was bought, online or in a store.", "amount"),
    Sort("Page_visit", "Page visit", "A page of the shop or of the travel offers was seen."),
    Sort("Cart_add", "Added to cart", "Something was put into the cart of the shop.", "price"),
    Sort("Booking", "Booking", "A trip was booked.", "price"),
    Sort("Card_payment", "Card payment", "A bank card was used to pay.", "amount"),
    Sort("Account_login", "Account login", "Somebody signed in to their bank account."),
    Sort("Appointment", "Appointment", "Somebody was seen in one of the clinics."),
    Sort("Prescription", "Prescription", "A medicine was prescribed."),
    Sort(
        "MailOpen",
        "Mail opened",
        "A newsletter was opened.",
        origin=EventType.Origin.SYSTEM,
    ),
    Sort(
        "MailClick",
        "Mail clicked",
        "A link in a newsletter was followed.",
        origin=EventType.Origin.SYSTEM,
    ),
    Sort(
        "SmsClick",
        "SMS clicked",
        "The link in a text message was followed.",
        origin=EventType.Origin.SYSTEM,
    ),
    Sort(
        "Unsubscribe",
        "Unsubscribed",
        "Somebody asked for no more newsletters.",
        origin=EventType.Origin.SYSTEM,
    ),
)
