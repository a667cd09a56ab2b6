"""Phone numbers as gateways want them."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\s()./-]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def phone_of(number: str, country_code: str) -> str:
    """+ and digits (E.164), or empty; the same as campaigns_phone in the database."""
    bare = _SIGNS.sub("", number)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    elif not bare.startswith("+"):
        bare = f"+{country_code}{bare.lstrip('0')}" if country_code else ""
    return bare if _E164.fullmatch(bare) else ""
