"""Origins of web pages: scheme, host and port, as browsers send them; `*.` stands for subdomains."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 300
PORTS: Final = {"http": 80, "https": 443}
LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(\*\.)?{LABEL}(\.{LABEL})*|\[[0-9a-f:.]+\]")
BELOW = re.compile(rf"{LABEL}(\.{LABEL})*")
"""What a star stands for."""


def read_origin(text: str) -> str:
    """The origin as browsers write it. Raises ValueError with a sentence that says what is wrong."""
    text = text.strip()
    shown = f"“{text[:60]}”"
    if text.rstrip("/") in ("*", "http://*", "https://*", "null"):
        raise ValueError(f"{shown} would let every page in. Name your sites one by one.")
    scheme, _, rest = text.partition("://")
    if not rest or scheme.lower() not in PORTS:
        raise ValueError(f"{shown} has to begin with https:// (or http://).")
    scheme = scheme.lower()
    name, _, beyond = rest.partition("/")
    if beyond or "?" in name or "#" in name or "@" in name:
        raise ValueError(f"{shown} is a whole address. Leave only {scheme}://, host and port.")
    host, port = _host_and_port(f"{scheme}://{name}", shown)
    if host.startswith("*.") and "." not in host[2:]:
        raise ValueError(f"{shown} would let too many sites in. Write *.example.com.")
    origin = f"{scheme}://{host}" + (f":{port}" if port not in (None, PORTS[scheme]) else "")
    if len(origin) > LONGEST:
        raise ValueError(f"{shown} is longer than {LONGEST} characters.")
    return origin


def _host_and_port(address: str, shown: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError(f"{shown} has no host or port that can exist.") from None
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = _in_ascii(host, shown)
    if not HOST.fullmatch(host):
        said = (
            "" if host.count("*") == 0 else " A star stands only at the beginning: *.example.com."
        )
        raise ValueError(f"{shown} has no host that can exist.{said}")
    return host, port


def _in_ascii(host: str, shown: str) -> str:
    """As browsers send names with other letters."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise ValueError(f"{shown} has no host that can exist.") from None


def is_allowed(origin: str, patterns: Iterable[str]) -> bool:
    return any(_fits(origin, pattern) for pattern in patterns)


def _fits(origin: str, pattern: str) -> bool:
    before, star, after = pattern.partition("*")
    if not star:
        return origin == pattern
    if not (origin.startswith(before) and origin.endswith(after)):
        return False
    return bool(BELOW.fullmatch(origin[len(before) : len(origin) - len(after)]))
