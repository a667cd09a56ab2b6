"""The five scenarios of the trade, as templates."""

from __future__ import annotations

from typing import Final

from segments.starting.pieces import (
    all_of,
    any_of,
    at_least,
    before_ago,
    duration,
    field,
    last,
    last_one,
    never,
    performed,
    where,
)
from segments.starting.template import Template

RETAIL: Final = "Retail and e-commerce"
BANKING: Final = "Banking"
TRAVEL: Final = "Travel"
HEALTH: Final = "Health"

SCENARIOS: Final = (
    Template(
        key="inactive-vips",
        name="Inactive VIPs",
        description="Your best customers who have gone quiet: win them back with a personal offer.",
        category=RETAIL,
        icon="crown",
        definition=all_of(
            field("Status_VIP", "in", ["Gold", "Platinum"]),
            field("Purchase_value_12m", "greater_than", 2000),
            last_one("Purchase", before_ago(90, "day")),
        ),
    ),
    Template(
        key="sms-activation",
        name="SMS activation",
        description="Regular buyers who have not agreed to text messages yet: ask them to.",
        category=RETAIL,
        icon="message",
        definition=all_of(
            field("Loyalty_program", "is_true"),
            at_least(3, "Purchase", window=last(6, "month"), measure={"of": "count"}),
            any_of(
                field("SMS_consent", "is_false"),
                field("SMS_consent", "is_not_set"),
                name="No SMS consent",
            ),
        ),
    ),
    Template(
        key="product-cross-sell",
        name="Product cross-sell",
        description="Account holders who read your offers and have no credit card yet.",
        category=BANKING,
        icon="credit-card",
        definition=all_of(
            field("Product_type", "contains_any", ["personal account"]),
            field("Account_opening_date", "more_than_ago", duration(6, "month")),
            field("Product_type", "contains_none", ["credit card"]),
            never("Transaction", where=where("category", "equals", "credit card")),
            performed(
                "MailOpen",
                where=where("topic", "contains", "banking offers"),
                window=last(30, "day"),
            ),
        ),
    ),
    Template(
        key="last-minute-travel",
        name="Last-minute travel",
        description="Looked at trips to Spain these days and booked none: an offer may decide.",
        category=TRAVEL,
        icon="plane",
        definition=all_of(
            performed(
                "Page_visit",
                where=where("Destination", "equals", "Spain"),
                window=last(10, "day"),
            ),
            performed(
                "MailOpen",
                where=where("topic", "equals", "travel"),
                window=last(10, "day"),
            ),
            all_of(never("Booking"), name="No booking"),
        ),
    ),
    Template(
        key="preventive-care",
        name="Preventive-care reminder",
        description="Their last check-up was long ago and none is booked: remind them of the next.",
        category=HEALTH,
        icon="stethoscope",
        definition=all_of(
            field("Last_visit_date", "more_than_ago", duration(6, "month")),
            field("Marketing_consent", "is_true"),
            never("Booking", window=last(180, "day")),
        ),
    ),
)
