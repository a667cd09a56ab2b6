"""Which addresses are those of the internet, and which lead into a network of our own.

Whoever has us call an address that somebody sent asks here, and connects to what was looked at:
a name may lead somewhere else each time it is asked (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Final

PRIVATE_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".onion")
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
UNICAST: Final = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is the internet."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def may_be_public(host: str) -> bool:
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
        if address not in UNICAST:
            return False
    return address.is_global and not address.is_multicast


def resolved(host: str, port: int) -> Iterator[Address]:
    """What the name leads to now; raises OSError when it leads nowhere."""
    seen = set()
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if address not in seen:
            seen.add(address)
            yield address
