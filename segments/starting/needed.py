"""The fields and event types that templates are made of, as the API would define them."""

from __future__ import annotations

from typing import Final

from segments.starting.pieces import JSON


def _field(key: str, type_: str, label: str, description: str, *choices: str) -> JSON:
    offered = {"choices": list(choices)} if choices else {}
    return {"key": key, "type": type_, "label": label, "description": description, **offered}


def _event_type(key: str, label: str, description: str, value_attribute: str = "") -> JSON:
    summed = {"value_attribute": value_attribute} if value_attribute else {}
    return {"key": key, "label": label, "description": description, **summed}


_FIELDS = (
    _field(
        "Status_VIP",
        "text",
        "VIP status",
        "Level in the loyalty program; empty for those who have none yet.",
        "Platinum",
        "Gold",
        "Silver",
    ),
    _field(
        "Purchase_value_12m",
        "number",
        "Purchase value in 12 months",
        "What somebody has bought for in the last 12 months, as the shop system computes it.",
    ),
    _field(
        "Loyalty_program",
        "boolean",
        "Loyalty program",
        "Whether somebody takes part in the loyalty program.",
    ),
    _field(
        "SMS_consent",
        "boolean",
        "SMS consent",
        "Whether we may send offers as text messages; empty while nobody has asked.",
    ),
    _field(
        "Product_type",
        "list",
        "Products",
        "What somebody has with the bank.",
        "personal account",
        "savings account",
        "credit card",
        "loan",
        "insurance",
    ),
    _field(
        "Account_opening_date",
        "date",
        "Account opened on",
        "The day on which the first account was opened.",
    ),
    _field("Last_visit_date", "date", "Last visit", "The day of the last visit to a clinic."),
    _field(
        "Marketing_consent",
        "boolean",
        "Marketing consent",
        "Whether we may send reminders and offers.",
    ),
    _field("Birthday", "date", "Birthday", "Day of birth, for greetings."),
)
_EVENT_TYPES = (
    _event_type("Purchase", "Purchase", "Something was bought, online or in a store.", "amount"),
    _event_type("Cart_add", "Added to cart", "Something was put into the cart of the shop."),
    _event_type("Page_visit", "Page visit", "A page of the website was seen."),
    _event_type("Booking", "Booking", "A trip or an appointment was booked."),
    _event_type("Transaction", "Transaction", "An account or a card was used."),
    _event_type("MailOpen", "Mail opened", "A newsletter was opened."),
    _event_type("MailClick", "Mail clicked", "A link in a newsletter was followed."),
    _event_type("Unsubscribe", "Unsubscribed", "Somebody asked for no more newsletters."),
)
FIELDS: Final[dict[str, JSON]] = {raw["key"]: raw for raw in _FIELDS}
EVENT_TYPES: Final[dict[str, JSON]] = {raw["key"]: raw for raw in _EVENT_TYPES}
