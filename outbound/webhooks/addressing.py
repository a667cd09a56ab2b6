"""Where requests to others may go: into the internet, and into our own network only where admins said so.

An address is looked at twice: as it is written, when somebody saves it, and where its name leads,
each time something is sent. The connection is made to just what was looked at (posting.py), so a
name that leads elsewhere a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from segmentflow.addressing import Address, is_public, may_be_public, resolved

LONGEST: Final = 2_000
PRINTABLE: Final = re.compile(r"[!-~]+")
SCHEMES: Final = {"https": 443, "http": 80}
MOST_ADDRESSES: Final = 3
SETTING: Final = "OUTBOUND_PRIVATE_HOSTS"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NotAllowed(Exception):
    """Says where an address leads that it must not lead to."""


@dataclass(frozen=True)
class Allowed:
    """What of our own networks may be called: names and networks."""

    said: tuple[str, ...] = ()

    @cached_property
    def networks(self) -> list[Network]:
        return [network for network in map(_network, self.said) if network is not None]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(one.lower().rstrip(".") for one in self.said if _network(one) is None)

    def has_name(self, host: str) -> bool:
        """A name that is allowed may lead anywhere."""
        return host.lower().rstrip(".") in self.names

    def has_address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def allowed_here() -> Allowed:
    return Allowed(tuple(settings.OUTBOUND_PRIVATE_HOSTS))


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query."""

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEMES[self.scheme] else f"{host}:{self.port}"


def wrong_url(url: str, *, allowed: Allowed) -> str:
    """Why nothing may be sent there, as far as the address tells, as a sentence; empty: nothing."""
    if len(url) > LONGEST or not PRINTABLE.fullmatch(url):
        return f"Enter an address such as https://example.com/hook, of at most {LONGEST:,} characters and without spaces."
    parts = _split(url)
    if parts is None or parts.scheme not in SCHEMES or not parts.hostname:
        return "Enter an address such as https://example.com/hook."
    if "@" in parts.netloc or "\\" in url:
        return "Leave user and password out of the address."
    if parts.fragment:
        return "Leave out what follows “#”: it is never sent."
    host = parts.hostname.rstrip(".")
    if is_allowed_private(host, allowed):
        return ""
    if not may_be_public(host):
        return f"{host} is in a private network. {_how()}"
    if parts.scheme == "http":
        return "The address begins with https://, for what is sent is about people."
    return ""


def is_allowed_private(host: str, allowed: Allowed) -> bool:
    if allowed.has_name(host):
        return True
    address = _address(host)
    return address is not None and allowed.has_address(address)


def place_of(url: str) -> Place:
    """Of an address that wrong_url finds nothing wrong with. Raises NotAllowed for any other."""
    parts = _split(url)
    if parts is None or parts.scheme not in SCHEMES or not parts.hostname:
        raise NotAllowed("This is no address that something can be sent to.")
    target = parts.path or "/"
    return Place(
        parts.scheme,
        parts.hostname.rstrip("."),
        parts.port or SCHEMES[parts.scheme],
        f"{target}?{parts.query}" if parts.query else target,
    )


def addresses_of(place: Place, *, allowed: Allowed) -> Sequence[Address]:
    """What the name leads to now, and may be connected to.

    Raises NotAllowed, and OSError when it leads nowhere.
    """
    found = list(resolved(place.host, place.port))
    if allowed.has_name(place.host):
        return found[:MOST_ADDRESSES]
    good = list(_good(found, place, allowed))
    if not good:
        leads = f"{place.host} leads to {found[0]}" if _address(place.host) is None else place.host
        raise NotAllowed(f"Nothing was sent: {leads}, which is in a private network. {_how()}")
    return good[:MOST_ADDRESSES]


def _good(found: Sequence[Address], place: Place, allowed: Allowed) -> Iterator[Address]:
    """Without encryption nothing goes into the internet."""
    for address in found:
        if allowed.has_address(address) or (place.scheme == "https" and is_public(address)):
            yield address


def _how() -> str:
    return f"Whoever runs this installation can allow it with {SETTING}."


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            return None
    except ValueError:
        return None
    return parts


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _network(said: str) -> Network | None:
    try:
        return ipaddress.ip_network(said, strict=False)
    except ValueError:
        return None
