"""A gateway with an HTTP address of its own kind: the request is written as it wants it.

The address may be in a private network, because gateways stand there; admins alone set it.
Push messages use it, too (push_http.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from campaigns.channels.adapters import Adapter, Clock, Field, WayFacts
from campaigns.channels.handing import Handed, Outbound, Outcome, Sms
from campaigns.channels.http import (
    Answer,
    Calling,
    Timeouts,
    ask,
    judged_status,
    timeouts_of,
)
from campaigns.channels.writing import key_text, said
from contacts.models import Channel
from contacts.problems import Problem

PLACE: Final = re.compile(r"\{([a-z_]+)\}")
HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
SMS_PLACES: Final = ("to", "to_digits", "text", "sender", "id")
FORMATS: Final = (("json", "JSON"), ("form", "Form fields"), ("none", "No body"))
METHODS: Final = (("POST", "POST"), ("PUT", "PUT"), ("GET", "GET"))


def request_fields(template: str, places: str) -> tuple[Field, ...]:
    """What it takes to describe a request, for gateways of any channel."""
    return (
        Field("url", "Address", kind="url", is_required=True, longest=2000),
        Field("method", "Method", kind="choice", is_required=True, choices=METHODS, default="POST"),
        Field(
            "headers",
            "Headers",
            kind="multiline",
            is_secret=True,
            longest=4000,
            help="One in each line, such as “Authorization: Bearer …”. Not shown again.",
        ),
        Field("format", "Body", kind="choice", is_required=True, choices=FORMATS, default="json"),
        Field(
            "template",
            "What the body holds",
            kind="multiline",
            longest=4000,
            default=template,
            help=f"JSON, or for form fields a line “name=value” each. {places}"
            " In the address they work too.",
        ),
        Field(
            "id_path",
            "Where the answer has the message’s id",
            longest=200,
            help="A path such as messages.0.id into its JSON; needed for delivery reports.",
        ),
        Field(
            "success_path",
            "Where the answer tells success",
            longest=200,
            help="A path into its JSON. Empty: every answer with a status of 200 to 299 is one.",
        ),
        Field("success_value", "What success is called there", longest=200),
    )


class GatewayCarrier(Calling):
    """Turns each message into values for the template, and the answer into an outcome."""

    def __init__(self, way: WayFacts, clock: Clock, *, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or timeouts_of(way)
        self._way = way
        self._clock = clock
        self._headers = dict(read_headers(way.secrets.get("headers", "")))
        super().__init__()

    def values(self, message: Outbound) -> dict[str, str]:
        """What the placeholders stand for."""
        assert isinstance(message, Sms)  # noqa: S101 - the channel's messages are
        return {
            "to": message.to,
            "to_digits": message.to.lstrip("+"),
            "text": message.text,
            "sender": message.sender,
            "id": key_text(message.key) if message.key else "",
        }

    def hand(self, message: Outbound) -> Handed:
        values = self.values(message)
        url = PLACE.sub(
            lambda found: quote(values.get(found[1], found[0]), safe=""), self._way.text("url")
        )
        answer = ask(
            self._session,
            self._way.text("method", "POST"),
            url,
            timeouts=self._timeouts,
            headers=self._headers,
            **self._body(values),
        )
        if isinstance(answer, Handed):
            return answer
        return self._judged(answer, message.to)

    def _body(self, values: Mapping[str, str]) -> dict[str, Any]:
        template = self._way.text("template")
        match self._way.text("format", "json"):
            case "json" if template:
                return {"json": filled(json.loads(template), values)}
            case "form" if template:
                return {"data": [(name, filled(value, values)) for name, value in _lines(template)]}
            case _:
                return {}

    def _judged(self, answer: Answer, address: str) -> Handed:
        words = said(answer.words(), address=address)
        if not answer.is_success:
            return judged_status(answer, words, now=self._clock())
        found = answer.json()
        if path := self._way.text("success_path"):
            told = at_path(found, path)
            if _as_text(told) != self._way.text("success_value"):
                return Handed(
                    Outcome.REFUSED, error=words or "The gateway did not tell of success."
                )
        provider_id = _as_text(at_path(found, self._way.text("id_path")))
        return Handed(Outcome.ACCEPTED, provider_id=provider_id[:200])


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The values become text inside of texts, never part of the structure around them."""
    match template:
        case str():
            return PLACE.sub(lambda found: values.get(found[1], found[0]), template)
        case list():
            return [filled(one, values) for one in template]
        case dict():
            return {key: filled(one, values) for key, one in template.items()}
        case _:
            return template


def at_path(found: Any, path: str) -> Any:
    """`messages.0.id`; None: nothing is there."""
    for step in path.split(".") if path else ():
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step[:9]) < len(found):
            found = found[int(step[:9])]
        else:
            return None
    return found if path else None


def _as_text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value).replace("\0", "")
        case _:
            return ""


def read_headers(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and HEADER.fullmatch(name.strip()):
            yield name.strip(), value.strip()


def _lines(template: str) -> Iterator[tuple[str, str]]:
    for line in template.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip():
            yield name.strip(), value.strip()


def request_problems(way: WayFacts, places: Collection[str]) -> list[Problem]:
    """What cannot be sent as it is described."""
    return list(_request_problems(way, places))


def _request_problems(way: WayFacts, places: Collection[str]) -> Iterator[Problem]:
    lines = [line for line in way.secrets.get("headers", "").splitlines() if line.strip()]
    if len(lines) != len(list(read_headers("\n".join(lines)))) or not all(
        line.isascii() for line in lines
    ):
        yield Problem("headers", "wrong_value", "Each line is a header, such as “X-Key: secret”.")
    template = way.text("template")
    if way.text("format", "json") == "json" and template:
        try:
            json.loads(template)
        except (ValueError, RecursionError) as error:
            yield Problem("template", "wrong_value", f"This is no JSON: {error}.")
    if way.text("format") == "form" and template:
        wrong = [line for line in template.splitlines() if line.strip() and "=" not in line]
        if wrong:
            yield Problem("template", "wrong_value", "Each line is a field: “name=value”.")
    yield from _wrong_places(way, places)
    if way.text("success_path") and not way.text("success_value"):
        said_ = "Write what success is called in the answer."
        yield Problem("success_value", "missing", said_)


def _wrong_places(way: WayFacts, places: Collection[str]) -> Iterator[Problem]:
    used = {key: set(PLACE.findall(way.text(key))) for key in ("url", "template")}
    for key, names in used.items():
        if unknown := sorted(names - set(places)):
            known = _listed(places)
            yield Problem(key, "unknown", f"Nothing is called {{{unknown[0]}}}; there are {known}.")
    if not used["url"] | used["template"]:
        yield Problem(
            "template", "missing", f"It says nothing of the message: use {_listed(places)}."
        )


def _listed(places: Iterable[str]) -> str:
    return ", ".join(f"{{{place}}}" for place in places)


def _problems(way: WayFacts) -> Sequence[Problem]:
    return request_problems(way, SMS_PLACES)


ADAPTERS: Final = (
    Adapter(
        name="gateway",
        label="HTTP gateway",
        channel=Channel.SMS.value,
        open=GatewayCarrier,
        fields=request_fields(
            '{"to": "{to}", "from": "{sender}", "text": "{text}", "reference": "{id}"}',
            "Placeholders: {to}, {to_digits} (without +), {text}, {sender} and {id}.",
        ),
        about="Any provider, or a gateway of your own network, that takes a request for each message.",
        problems=_problems,
        at_once=4,
    ),
)
