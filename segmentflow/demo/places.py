"""Where the people of the demonstration live: countries, cities, numbers that ring nowhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    language: str
    locale: str
    """Of the names."""
    zone: ZoneInfo
    people: int
    """Of a hundred."""
    phones: tuple[str, ...]
    """Each `#` is a digit."""
    cities: tuple[str, ...]
    """The larger ones first: more people live there."""


# North American numbers with 555-01xx belong to nobody. Other countries have ranges of their
# own for films and books; where there is none, these stand in, so that no message can ever
# reach anybody.
_AREAS: Final = (
    202,
    206,
    212,
    213,
    214,
    215,
    216,
    303,
    305,
    312,
    313,
    314,
    404,
    415,
    503,
    504,
    617,
    702,
)
NOBODYS: Final = tuple(f"+1{area}55501##" for area in _AREAS)

COUNTRIES: Final = (
    Country(
        "PL",
        "pl",
        "pl_PL",
        ZoneInfo("Europe/Warsaw"),
        20,
        NOBODYS,
        ("Warszawa", "Kraków", "Wrocław", "Poznań", "Gdańsk", "Łódź", "Lublin", "Toruń"),
    ),
    Country(
        "DE",
        "de",
        "de_DE",
        ZoneInfo("Europe/Berlin"),
        18,
        ("+493023125###", "+496990009###", "+494066969###", "+498999998###"),
        ("Berlin", "Hamburg", "München", "Köln", "Frankfurt am Main", "Leipzig", "Bremen"),
    ),
    Country(
        "GB",
        "en",
        "en_GB",
        ZoneInfo("Europe/London"),
        14,
        ("+447700900###",),
        ("London", "Manchester", "Birmingham", "Leeds", "Glasgow", "Bristol", "Cardiff"),
    ),
    Country(
        "FR",
        "fr",
        "fr_FR",
        ZoneInfo("Europe/Paris"),
        12,
        ("+3363998####",),
        ("Paris", "Lyon", "Marseille", "Toulouse", "Nantes", "Lille", "Bordeaux"),
    ),
    Country(
        "ES",
        "es",
        "es_ES",
        ZoneInfo("Europe/Madrid"),
        10,
        NOBODYS,
        ("Madrid", "Barcelona", "Valencia", "Sevilla", "Zaragoza", "Málaga", "Bilbao"),
    ),
    Country(
        "IT",
        "it",
        "it_IT",
        ZoneInfo("Europe/Rome"),
        10,
        NOBODYS,
        ("Roma", "Milano", "Napoli", "Torino", "Bologna", "Firenze", "Verona"),
    ),
    Country(
        "NL",
        "nl",
        "nl_NL",
        ZoneInfo("Europe/Amsterdam"),
        6,
        NOBODYS,
        ("Amsterdam", "Rotterdam", "Utrecht", "Den Haag", "Eindhoven", "Groningen"),
    ),
    Country(
        "PT",
        "pt",
        "pt_PT",
        ZoneInfo("Europe/Lisbon"),
        5,
        NOBODYS,
        ("Lisboa", "Porto", "Braga", "Coimbra", "Faro"),
    ),
    Country(
        "SE",
        "sv",
        "sv_SE",
        ZoneInfo("Europe/Stockholm"),
        5,
        ("+468465004##", "+463139006##", "+464062804##"),
        ("Stockholm", "Göteborg", "Malmö", "Uppsala", "Linköping"),
    ),
)

_UNFOLDED: Final = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "ı": "i"})


def some_country(random: Random) -> Country:
    [country] = random.choices(COUNTRIES, weights=[country.people for country in COUNTRIES])
    return country


def some_city(country: Country, random: Random) -> str:
    weights = [1 / (rank + 1) for rank in range(len(country.cities))]
    [city] = random.choices(country.cities, weights=weights)
    return city


def some_phone(country: Country, random: Random) -> str:
    pattern = random.choice(country.phones)
    return "".join(random.choice("0123456789") if sign == "#" else sign for sign in pattern)


def folded(name: str) -> str:
    """A name as it stands in an email address."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_UNFOLDED))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
