"""Who sends: a program with a secret key, or a page with the public key of its website."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from segmentflow.api.admitting import admitted
from segmentflow.api.limits import PAGES, Charge, charge_events, charge_request, too_many
from segmentflow.api.origins import is_allowed
from segmentflow.api.problems import ApiProblem
from segmentflow.api.websites import find_website, note_refused, note_sent
from segmentflow.models import ApiKey, Website


@dataclass(slots=True)
class Sender:
    """Known once the key was read, which may stand in the body."""

    origin: str
    """Of the page; programs send none."""
    website: Website | None = None
    """Whose page it is, and may be anybody's."""
    may_read: bool = False
    """Whether the page may read our answer."""
    address: str = ""
    """Where it came from."""
    key: ApiKey | None = None
    charges: list[Charge] = field(default_factory=list)
    """What this request took of the limits of its key."""

    def charge_events(self, number: int, *, now: datetime) -> None:
        """Before so many messages are stored; raises ApiProblem (429)."""
        if self.key is not None:
            self.charges += charge_events(self.key, number, now=now)


def key_of_header(request: HttpRequest) -> str:
    """The key of a bearer, or the user name of basic authentication; empty without either."""
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return sent.strip() or "-"
    if kind.lower() != "basic":
        return ""
    try:
        name, _, _ = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "-"
    return name or "-"


def admit(sent: object, *, sender: Sender, now: datetime) -> None:
    """Let in who sent a key that works, and note whose it is. Raises ApiProblem for others."""
    if isinstance(sent, str) and (website := find_website(sent)):
        _admit_page(website, sender, now)
        return
    key = None
    if isinstance(sent, str) and sent:
        key = admitted(sent, address=sender.address, now=now)
    if key is None:
        said = "Send a key that an admin has made as the user name, or as writeKey."
        raise ApiProblem(401, "No such key", said)
    if ApiKey.Scope.INGEST not in key.scopes:
        raise ApiProblem(403, "Not allowed", "This key has no scope “ingest”.")
    sender.key = key
    sender.charges += charge_request(key, now=now)


def _admit_page(website: Website, sender: Sender, now: datetime) -> None:
    if not sender.origin:
        said = "This is the public key of a website, which browsers use. Programs need an API key."
        raise ApiProblem(403, "Not allowed", said)
    sender.may_read = is_allowed(sender.origin, website.origins)
    if website.revoked_at is not None:
        raise ApiProblem(401, "No such key", "The key of this website has been revoked.")
    if not sender.may_read:
        note_refused(website=website, origin=sender.origin, now=now)
        said = "Pages of this origin may not send. Add it to the website in the settings."
        raise ApiProblem(403, "Not allowed", said)
    if wait := PAGES.take(sender.address, now=now, about=website.pk):
        raise too_many("Too much comes from this address.", wait)
    note_sent(website=website, origin=sender.origin, now=now)
    sender.website = website
