"""Whether what is in messages leads those who get them here: about PUBLIC_URL, as far as it tells."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.channels.adapters import WayFacts
from contacts.models import Channel

SET: Final = "Set PUBLIC_URL to where people reach this installation."


def address_warning(way: WayFacts) -> str:
    """What is wrong with the links of messages that others receive, as sentences; empty: nothing."""
    address = settings.PUBLIC_URL
    if way.is_outbox:
        return ""
    if _is_this_machine(urlsplit(address).hostname or ""):
        said = f"Links in messages begin with {address}, which nobody but this machine can open"
        return f"{said}: also those to unsubscribe. {SET}"
    if urlsplit(address).scheme == "https":
        return ""
    if way.channel == Channel.EMAIL:
        said = "Mail programs unsubscribe with one click at https:// only, and large providers ask for that"
        return f"{said}, but links in messages begin with {address}. {SET}"
    said = f"Links in messages begin with {address}, so on their way others can read and change"
    return f"{said} what they lead to. {SET}"


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
