"""The fields that people of the demonstration have, as the API would define them."""

from __future__ import annotations

from typing import Any, Final

STORES: Final = ("Old Town", "Riverside", "Central Station", "North Park", "Harbour")
PRODUCTS: Final = (
    "Current account",
    "Savings account",
    "Credit card",
    "Mortgage",
    "Travel insurance",
    "Investment fund",
)
INTERESTS: Final = (
    "Fashion",
    "Home",
    "Electronics",
    "Sports",
    "Books",
    "Beauty",
    "Toys",
    "Travel",
    "Health",
)
STATUSES: Final = ("Platinum", "Gold", "Silver")
PLANS: Final = ("Basic", "Family", "Premium")

FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "key": "Status_VIP",
        "label": "VIP status",
        "type": "text",
        "choices": list(STATUSES),
        "description": "Level in the loyalty programme; empty for those who have none yet.",
    },
    {
        "key": "Birthday",
        "label": "Birthday",
        "type": "date",
        "description": "Day of birth, for greetings and for offers that depend on age.",
    },
    {
        "key": "Email_consent",
        "label": "Email consent",
        "type": "boolean",
        "description": "Whether we may send newsletters and offers by email.",
    },
    {
        "key": "SMS_consent",
        "label": "SMS consent",
        "type": "boolean",
        "description": "Whether we may send offers as text messages.",
    },
    {
        "key": "Interests",
        "label": "Interests",
        "type": "list",
        "choices": list(INTERESTS),
        "description": "What somebody chose when they signed up.",
    },
    {
        "key": "Loyalty_card",
        "label": "Loyalty card",
        "type": "text",
        "description": "Number of the card that is shown in our stores.",
    },
    {
        "key": "Loyalty_points",
        "label": "Loyalty points",
        "type": "number",
        "description": "Points on the card that can still be spent.",
    },
    {
        "key": "Favourite_store",
        "label": "Favourite store",
        "type": "text",
        "choices": list(STORES),
        "description": "The store where somebody asked to be told about offers.",
    },
    {
        "key": "Last_visit_date",
        "label": "Last store visit",
        "type": "date",
        "description": "The last day the loyalty card was shown in a store.",
    },
    {
        "key": "Bank_products",
        "label": "Bank products",
        "type": "list",
        "choices": list(PRODUCTS),
        "description": "What somebody has with the bank.",
    },
    {
        "key": "Account_balance",
        "label": "Account balance",
        "type": "number",
        "description": "Balance of the current account in euros, at the end of last month.",
    },
    {
        "key": "Home_airport",
        "label": "Home airport",
        "type": "text",
        "description": "Where trips begin, as the three letters of the airport.",
    },
    {
        "key": "Health_plan",
        "label": "Health plan",
        "type": "text",
        "choices": list(PLANS),
        "description": "Plan of the health service; empty for those who are not insured with us.",
    },
    {
        "key": "Next_checkup_date",
        "label": "Next check-up",
        "type": "date",
        "description": "The day by which the next preventive check-up is due.",
    },
    {
        "key": "Last_contacted_at",
        "label": "Last contacted",
        "type": "datetime",
        "description": "When somebody last talked to customer service.",
    },
)
