"""Where a request came from: the browser's or program's address, also behind proxies of our own."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The last address that no proxy of ours (setting TRUSTED_PROXIES) has; empty when none is known.

    What stands further left in X-Forwarded-For was written by whoever sent the request.
    """
    found = _address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if not forwarded or not is_trusted(found):
        return found
    for one in reversed(forwarded[-1_000:].split(",")):
        if not (address := _address(one.strip())):
            break
        found = address
        if not is_trusted(address):
            break
    return found


@lru_cache(maxsize=1_000)
def is_trusted(address: str) -> bool:
    if not address:
        return False
    one = ipaddress.ip_address(address)
    return any(one in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=8)
def _networks(
    listed: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(one, strict=False) for one in listed)


@lru_cache(maxsize=1_000)
def _address(text: str) -> str:
    """As Python writes it; empty for what is none. A port behind it is left out."""
    if text.startswith("[") or text.count(":") == 1:
        text = text.partition("]")[0].removeprefix("[") if "[" in text else text.partition(":")[0]
    try:
        one = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(one, "ipv4_mapped", None)
    return str(mapped or one)
