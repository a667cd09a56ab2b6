"""What is sold, booked, paid and prescribed in the demonstration."""

from __future__ import annotations

from typing import Final, NamedTuple


class Product(NamedTuple):
    name: str
    price: float


class Destination(NamedTuple):
    city: str
    country: str
    night: float
    """What a night there costs, with the way there."""


CATALOGUE: Final[dict[str, tuple[Product, ...]]] = {
    "fashion": (
        Product("Linen shirt", 39.9),
        Product("Wool jumper", 69.0),
        Product("Denim jacket", 89.5),
        Product("Rain coat", 129.0),
        Product("Scarf", 24.9),
    ),
    "shoes": (
        Product("Running shoes", 109.95),
        Product("Leather boots", 149.0),
        Product("Sandals", 44.9),
        Product("Trainers", 79.95),
    ),
    "home": (
        Product("Bed linen", 59.9),
        Product("Table lamp", 34.9),
        Product("Cast-iron pan", 74.5),
        Product("Scented candle", 16.9),
        Product("Floor rug", 119.0),
    ),
    "electronics": (
        Product("Wireless headphones", 129.0),
        Product("E-book reader", 139.99),
        Product("Phone case", 19.9),
        Product("Coffee machine", 249.0),
        Product("Smart speaker", 89.0),
    ),
    "sports": (
        Product("Yoga mat", 29.9),
        Product("Bike helmet", 64.9),
        Product("Hiking backpack", 99.0),
        Product("Tennis balls", 9.9),
    ),
    "books": (
        Product("Crime novel", 12.9),
        Product("Cookbook", 27.0),
        Product("Travel guide", 18.5),
        Product("Picture book", 14.9),
    ),
    "beauty": (
        Product("Face cream", 32.0),
        Product("Shampoo", 8.9),
        Product("Perfume", 64.0),
        Product("Sun lotion", 15.9),
    ),
    "toys": (
        Product("Board game", 34.9),
        Product("Building bricks", 49.9),
        Product("Plush bear", 21.9),
        Product("Jigsaw puzzle", 17.5),
    ),
}
DESTINATIONS: Final = (
    Destination("Lisbon", "Portugal", 92),
    Destination("Mallorca", "Spain", 78),
    Destination("Crete", "Greece", 84),
    Destination("Rome", "Italy", 104),
    Destination("Copenhagen", "Denmark", 131),
    Destination("Dubrovnik", "Croatia", 96),
    Destination("Vienna", "Austria", 99),
    Destination("Marrakesh", "Morocco", 74),
    Destination("Reykjavík", "Iceland", 168),
    Destination("Tenerife", "Spain", 81),
)
MERCHANTS: Final = (
    ("Corner Grocer", "groceries", 28.0),
    ("City Market", "groceries", 46.0),
    ("Blue Line Railways", "transport", 19.0),
    ("Filling Station 24", "fuel", 58.0),
    ("Café Morgen", "eating out", 9.5),
    ("Trattoria Sole", "eating out", 38.0),
    ("Pharmacy Linden", "health", 17.0),
    ("Streamwell", "subscriptions", 11.99),
    ("Northern Outfitters", "clothing", 72.0),
    ("Garden & Home", "home", 54.0),
)
CLINICS: Final = ("Riverside Clinic", "Park Street Practice", "St. Anne Health Centre")
SPECIALTIES: Final = ("General practice", "Dentistry", "Dermatology", "Cardiology", "Eye care")
MEDICINES: Final = (
    ("Antihistamine", 30),
    ("Blood pressure", 90),
    ("Antibiotic", 7),
    ("Thyroid", 90),
    ("Pain relief", 10),
)
CAMPAIGNS: Final = (
    "Autumn favourites",
    "Member days",
    "New in store",
    "Weekend getaways",
    "Your monthly statement",
    "Stay well this season",
    "Just for you",
)
"""Newsletters, and what they are called."""
