"""Whoever sent a request: from which network, with which browser."""

from __future__ import annotations

import ipaddress
from typing import Final

from django.http import HttpRequest

from segmentflow.client_address import client_address

LONGEST_AGENT: Final = 300
NETWORK: Final = 64
"""Bits of an IPv6 address that belong to one customer; the rest they may change at will."""

BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Chromium", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "a Python program"),
)
"""What stands in the user agent, the more special before what it also claims to be."""
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def network_of(request: HttpRequest) -> str | None:
    """For counting what was tried from there: the address, or of one of IPv6 its network."""
    address = client_address(request)
    if ":" not in address:
        return address or None
    return str(ipaddress.ip_network((address, NETWORK), strict=False).network_address)


def agent_of(request: HttpRequest) -> str:
    """As it stands in the header, which may be anything."""
    return str(request.META.get("HTTP_USER_AGENT", "")).replace("\0", "")[:LONGEST_AGENT]


def browser_in(agent: str) -> str:
    """In a few words, such as "Firefox on Windows"."""
    browser = next((name for part, name in BROWSERS if part in agent), "")
    system = next((name for part, name in SYSTEMS if part in agent), "")
    if not browser:
        return f"A program on {system}" if system else "Unknown program"
    return f"{browser} on {system}" if system else browser[:1].upper() + browser[1:]
