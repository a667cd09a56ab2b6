"""Email by the environment: EMAIL_URL=smtp://user:password@host:587/?tls=1 instead of the settings."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

STARTTLS: Final = "starttls"
SSL: Final = "ssl"
PLAIN: Final = "none"

TRUE: Final = ("1", "true", "yes", "on")


class Server(NamedTuple):
    config: dict[str, str]
    """For the adapter `smtp` (mail.py)."""
    secrets: dict[str, str]
    fault: str = ""
    """What is wrong with the address, as a sentence."""


def read_email_url(url: str) -> Server:
    """smtp://…?tls=1 begins with STARTTLS, smtps://… with encryption; the rest is what URLs have."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return Server(
            {}, {}, "EMAIL_URL is no address. Write smtp://user:password@host:587/?tls=1."
        )
    if parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl"):
        return Server({}, {}, "EMAIL_URL begins with smtp:// or smtps://.")
    if not host:
        return Server(
            {}, {}, "EMAIL_URL names no host. Write smtp://user:password@host:587/?tls=1."
        )
    security = _security(parts.scheme, parse_qs(parts.query))
    default = {SSL: 465, STARTTLS: 587, PLAIN: 25}[security]
    config = {"host": host, "port": str(port or default), "security": security}
    if parts.username:
        config["username"] = unquote(parts.username)
    secrets = {"password": unquote(parts.password)} if parts.password else {}
    return Server(config, secrets)


def _security(scheme: str, query: dict[str, list[str]]) -> str:
    said = {key for key in ("tls", "ssl") if query.get(key, [""])[-1].lower() in TRUE}
    if scheme in ("smtps", "smtp+ssl") or "ssl" in said:
        return SSL
    return STARTTLS if scheme == "smtp+tls" or "tls" in said else PLAIN
