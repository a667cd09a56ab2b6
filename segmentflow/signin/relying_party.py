"""For which site passkeys are: browsers show them to it alone, and only over HTTPS or on this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

HERE: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    id: str
    origin: str
    """Where its pages are, as browsers send it."""
    is_possible: bool
    """Browsers know no passkeys for bare addresses, nor without encryption."""


def relying_party(public_url: str) -> RelyingParty:
    """By PUBLIC_URL. Addresses of this machine go by its name, the only one that browsers take."""
    parts = urlsplit(public_url)
    host = parts.hostname or "localhost"
    port = f":{parts.port}" if parts.port else ""
    if host in HERE:
        return RelyingParty("localhost", f"{parts.scheme}://localhost{port}", is_possible=True)
    is_possible = parts.scheme == "https" and not _is_address(host)
    return RelyingParty(host, f"https://{host}{port}", is_possible)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
