"""To which addresses push messages go: those of push services, and never into our own network.

Visitors send us these addresses, so without this anybody could have us call what they like.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

KNOWN: Final = (
    "fcm.googleapis.com",  # Chrome and those that are made of it
    "jmt17.google.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""Those of the usual browsers; the setting PUSH_SERVICES adds others, and “*” all that are public."""
LONGEST: Final = 2_000
PORT: Final = 443
ASCII = re.compile(r"[!-~]+")
PRIVATE_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".onion")
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def wrong_endpoint(endpoint: str) -> str:
    """Why no push service can be there, as a sentence; empty when one can."""
    if len(endpoint) > LONGEST or not ASCII.fullmatch(endpoint):
        return f"The endpoint is an address of at most {LONGEST:,} characters."
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "The endpoint is no address."
    if settings.PUSH_ALLOW_PRIVATE:
        return "" if parts.scheme in ("http", "https") and host else "The endpoint is no address."
    if parts.scheme != "https" or not host or port not in (None, PORT):
        return "The endpoint begins with https://, and has no other port than 443."
    if "@" in parts.netloc or parts.fragment or "\\" in endpoint:
        return "The endpoint has no user, password or fragment."
    if not _is_service(host):
        return "The endpoint is not one of a push service that is known here."
    return ""


def _is_service(host: str) -> bool:
    services = (*KNOWN, *settings.PUSH_SERVICES)
    if any(_fits(host, one.lower()) for one in services):
        return True
    return "*" in services and _may_be_public(host)


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern


def _may_be_public(host: str) -> bool:
    """As far as the name tells; what it leads to is looked at when something is sent."""
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        # A number at the end is an address in one of its old notations, such as 0x7f.1.
        return "." in host and not host.endswith(PRIVATE_NAMES) and host[-1].isalpha()


def is_public(address: Address) -> bool:
    """Whether it is one of the internet, also within an address that stands for another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def resolved(host: str, port: int) -> Iterator[Address]:
    """What the name leads to now; raises OSError when it leads nowhere."""
    seen = set()
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if address not in seen:
            seen.add(address)
            yield address
