"""The first event of one's own: what to send, and noticing that it arrived."""

from __future__ import annotations

import json
import secrets
import shlex
from dataclasses import dataclass
from typing import Any, Final

from contacts.models import IdentityKind
from events.models import Event, EventType
from events.unknown import are_refused

CONTACT: Final = "test-contact"
USUAL_TYPE: Final = "Purchase"
NO_KEY: Final = "YOUR_KEY"
LONGEST_TOKEN: Final = 40


@dataclass(frozen=True, slots=True)
class Snippet:
    language: str
    """Also part of the id of its place on the page."""
    note: str
    code: str


def new_token() -> str:
    """What tells this event from those that others try out at the same time."""
    return secrets.token_hex(8)


def is_token(text: str) -> bool:
    return 0 < len(text) <= LONGEST_TOKEN and text.isascii() and text.isalnum()


def type_to_send() -> str | None:
    """One that is accepted; None when all types have to be registered and none is."""
    if not are_refused():
        return USUAL_TYPE
    known = list(EventType.objects.filter(archived_at=None).values_list("key", flat=True))
    return USUAL_TYPE if USUAL_TYPE in known else next(iter(known), None)


def event_to_send(*, token: str, type_: str) -> dict[str, Any]:
    return {
        "contact": {"external_id": CONTACT},
        "type": type_,
        "message_id": _message_id(token),
        "attributes": {"amount": 49.9, "category": "shoes"},
    }


def snippets(*, url: str, key: str, event: dict[str, Any]) -> list[Snippet]:
    """Ready to be pasted; each sends the same event, which is stored once."""
    return [
        Snippet("curl", "In a terminal", _curl(url, key, event)),
        Snippet("Python", "No packages needed", _python(url, key, event)),
        Snippet(
            "JavaScript", "Node.js; keep the key out of web pages", _javascript(url, key, event)
        ),
    ]


def arrived_event(token: str) -> Event | None:
    """The event with this token, once it is stored."""
    events = Event.objects.select_related("type", "contact")
    return events.filter(
        contact__identities__kind=IdentityKind.EXTERNAL_ID,
        contact__identities__value=CONTACT,
        message_id=_message_id(token),
    ).first()


def _message_id(token: str) -> str:
    return f"test-{token}"


def _curl(url: str, key: str, event: dict[str, Any]) -> str:
    body = json.dumps(event, indent=2).replace("\n", "\n  ")
    return f"""\
curl {shlex.quote(url)} \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d {shlex.quote(body)}"""


def _python(url: str, key: str, event: dict[str, Any]) -> str:
    # Texts and numbers look the same in JSON, Python and JavaScript.
    return f"""\
import json
from urllib.request import Request, urlopen

event = {json.dumps(event, indent=4)}
request = Request(
    {json.dumps(url)},
    data=json.dumps(event).encode(),
    headers={{
        "Authorization": "Bearer {key}",
        "Content-Type": "application/json",
    }},
)
print(urlopen(request).read().decode())"""


def _javascript(url: str, key: str, event: dict[str, Any]) -> str:
    return f"""\
const event = {json.dumps(event, indent=2)};

fetch({json.dumps(url)}, {{
  method: "POST",
  headers: {{
    "Authorization": "Bearer {key}",
    "Content-Type": "application/json",
  }},
  body: JSON.stringify(event),
}})
  .then((response) => response.json())
  .then(console.log);"""
