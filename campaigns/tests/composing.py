"""What tests of composing need: a way, a person, links that can be recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from campaigns.composing import Composer, PersonFacts
from campaigns.keys import MessageKey
from campaigns.models import Campaign

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = MessageKey(7, 3, 0)


@dataclass
class Way:
    config: Mapping[str, Any] = field(
        default_factory=lambda: {
            "sender_name": "Shop",
            "sender_address": "shop@example.com",
            "postal_address": "Shop Ltd\n1 Long Street",
            "country_code": "48",
        }
    )


class SeenLinks:
    def click(self, key: MessageKey | None, url: str) -> str:
        return f"https://t.example/c/{_who(key)}?to={url.replace('&', '%26')}"

    def pixel(self, key: MessageKey | None) -> str:
        return f"https://t.example/o/{_who(key)}.gif"

    def unsubscribe(self, key: MessageKey | None) -> str:
        return f"https://t.example/u/{_who(key)}"

    def one_click(self, key: MessageKey | None) -> str:
        return f"https://t.example/one/{_who(key)}"

    def short(
        self, pairs: Sequence[tuple[MessageKey | None, str]]
    ) -> dict[tuple[MessageKey | None, str], str]:
        return {pair: f"https://t.example/{number}" for number, pair in enumerate(pairs)}


def _who(key: MessageKey | None) -> int:
    return key.contact_id if key else 0


def person(contact_id: int = 7, **fields: Any) -> PersonFacts:
    values = {"email": f"p{contact_id}@example.com", "phone": "+48600100200", **fields}
    return PersonFacts(
        contact_id=contact_id,
        external_id=str(fields.get("external_id", "")),
        email=str(values["email"]),
        phone=str(values["phone"]),
        fields=values,
    )


def composer(
    channel: str = "email", content: Mapping[str, Any] | None = None, **changes: Any
) -> Composer:
    return Composer(
        campaign=Campaign(pk=3, name="Spring", channel=channel),
        content={"subject": "Hi", **(content or {})},
        way=changes.pop("way", Way()),
        now=NOW,
        links=changes.pop("links", SeenLinks()),
    )


def compose(
    content: Mapping[str, Any],
    *,
    channel: str = "email",
    key: Any = KEY,
    context: Any = None,
    **fields: Any,
) -> Any:
    return composer(channel, content).compose(person(**fields), key, context)


def html(source: str, **changes: Any) -> Any:
    return compose({"format": "html", "source": source, **changes.pop("content", {})}, **changes)
