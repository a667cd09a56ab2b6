"""What providers report, each in its own form, read into one: about which message, and what."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from anymail.exceptions import AnymailWebhookValidationFailure
from django.http import HttpRequest

from campaigns.channels.adapters import WayFacts
from campaigns.channels.gateway import at_path
from campaigns.channels.hooks import address_of
from campaigns.channels.providers import Provider, is_about_reports
from campaigns.channels.twilio import STOPPED, STOPPED_SAID
from campaigns.channels.writing import read_key
from campaigns.keys import MessageKey

What = Literal["delivered", "bounced", "bounced_softly", "complained", "failed", "unsubscribed"]

NOT_PARSED = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    ArithmeticError,
    OSError,
    AssertionError,
)
METADATA: Final = "segmentflow"


class Unreadable(Exception):
    """It is in no form that this provider uses."""


@dataclass(frozen=True, slots=True)
class Report:
    what: What
    provider_id: str = ""
    key: MessageKey | None = None
    detail: str = ""
    at: datetime | None = None


def read_email(request: HttpRequest, provider: Provider, way: WayFacts) -> list[Report]:
    """Raises anymail's AnymailWebhookValidationFailure when it is not from the provider."""
    try:
        view = _view(provider, way, address_of(request))
        view.run_validators(request)
    except ValueError as error:  # a key or a signature that cannot be one
        raise AnymailWebhookValidationFailure from error
    try:
        events = view.parse_events(request)
    except NOT_PARSED as error:
        raise Unreadable from error
    return [found for event in events if (found := _of_event(event, provider)) is not None]


def _view(provider: Provider, way: WayFacts, address: str) -> Any:
    options: dict[str, Any] = {}
    if way.adapter == provider.name:
        known = {**way.config, **way.secrets}
        options = {
            field.key: known[field.key]
            for field in provider.fields
            if known.get(field.key) and is_about_reports(field.key)
        }
        if provider.name == "mailgun":
            options.setdefault("webhook_signing_key", known.get("api_key", ""))
    if provider.name == "mandrill":
        options["webhook_url"] = address
    with warnings.catch_warnings():
        # The secret in the address stands for the password that anymail would want.
        warnings.simplefilter("ignore")
        return provider.view()(**options)


def _of_event(event: Any, provider: Provider) -> Report | None:
    """None: it is about something we do not keep, such as opens, which we count ourselves."""
    match event.event_type:
        case "delivered" | "complained" | "unsubscribed" as what:
            pass
        case "bounced":
            what = "bounced" if _is_for_good(event, provider) else "bounced_softly"
        case "rejected" if event.reject_reason == "invalid":
            what = "bounced"
        case "rejected" | "failed":
            what = "failed"
        case _:
            return None
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    return Report(
        what=what,
        provider_id=str(event.message_id or ""),
        key=read_key(metadata.get(METADATA)),
        detail=str(event.mta_response or event.description or event.reject_reason or ""),
        at=event.timestamp if event.timestamp and event.timestamp.tzinfo else None,
    )


FOR_GOOD: Final[Mapping[str, tuple[str, frozenset[object]]]] = {
    "brevo": ("event", frozenset({"hard_bounce", "invalid_email"})),
    "mailersend": ("data.type", frozenset({"hard_bounced"})),
    "mailjet": ("hard_bounce", frozenset({True})),
    "mandrill": ("event", frozenset({"hard_bounce"})),
    "postmark": ("Type", frozenset({"HardBounce"})),
    "resend": ("data.bounce.type", frozenset({"Permanent"})),
    "sendgrid": ("type", frozenset({"bounce"})),
    "sparkpost": ("msys.message_event.bounce_class", frozenset({"10", "30"})),
}
"""Where a report says that a bounce will not pass, and how. Mailgun's others are only deferred."""


def _is_for_good(event: Any, provider: Provider) -> bool:
    if provider.name not in FOR_GOOD:
        return event.reject_reason in ("bounced", "invalid")
    path, words = FOR_GOOD[provider.name]
    told = at_path(event.esp_event, path)
    return isinstance(told, str | bool) and told in words


DELIVERED: Final = frozenset({"delivered", "delivrd", "received", "read", "success", "ok"})
FAILED: Final = frozenset(
    {
        "failed",
        "undelivered",
        "undeliverable",
        "undeliv",
        "not_delivered",
        "rejected",
        "rejectd",
        "expired",
        "deleted",
        "error",
    }
)
UNSUBSCRIBED: Final = frozenset({"unsubscribed", "optout", "opt_out", "stop"})
OUR_IDS: Final = ("id", "externalId", "external_id", "reference", "userref")
THEIR_IDS: Final = ("message_id", "messageId", "MessageId", "smsId", "sms_id", "id")
DETAILS: Final = ("detail", "error", "errorMessage", "reason", "description")
STATES: Final = ("status", "Status", "state", "event", "name")
MOST: Final = 1000


def read_gateway(request: HttpRequest) -> list[Report]:
    """JSON (one, a list, or a list within), form fields or a query, in the words gateways use."""
    if request.content_type == "application/json" or request.body.lstrip()[:1] in (b"{", b"["):
        try:
            told = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable from error
    else:
        told = {**request.GET.dict(), **request.POST.dict()}
    return list(_reports(told, 0))


def _reports(told: Any, depth: int) -> Iterator[Report]:
    if isinstance(told, list):
        for one in told[:MOST]:
            yield from _reports(one, depth + 1)
    elif isinstance(told, Mapping):
        if report := _of_gateway(told):
            yield report
        elif depth < 3:
            for one in told.values():
                if isinstance(one, list | Mapping):
                    yield from _reports(one, depth + 1)


def _of_gateway(told: Mapping[str, Any]) -> Report | None:
    what = _gateway_what(_first(told, STATES).lower().replace(" ", "_").replace("-", "_"))
    key = next((key for name in OUR_IDS if (key := read_key(told.get(name)))), None)
    provider_id = _first(told, THEIR_IDS)
    if what is None or not (key or provider_id):
        return None
    return Report(what, "" if key else provider_id, key, _first(told, DETAILS))


def _gateway_what(state: str) -> What | None:
    if state in DELIVERED:
        return "delivered"
    if state in FAILED:
        return "failed"
    return "unsubscribed" if state in UNSUBSCRIBED else None


def _first(told: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = told.get(name)
        if isinstance(value, Mapping):  # such as {"status": {"name": "delivered"}}
            value = value.get("name")
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


NO_SUCH_NUMBER: Final = frozenset({"30005", "30006", "21211", "21614"})
"""Twilio's: unknown to its network, a landline, no number, none that takes messages."""


def read_twilio(parameters: Mapping[str, str], query: Mapping[str, str]) -> list[Report]:
    code = parameters.get("ErrorCode", "")
    what: What
    match parameters.get("MessageStatus", ""):
        case "delivered" | "read":
            what = "delivered"
        case "failed" | "undelivered":
            what = "bounced" if code in NO_SUCH_NUMBER else "failed"
        case _:
            return []
    detail = f"Twilio’s error {code}" if code else ""
    key, provider_id = read_key(query.get("m")), parameters.get("MessageSid", "")
    if code == str(STOPPED):
        ended = Report("failed", provider_id, key, STOPPED_SAID)
        return [ended, Report("unsubscribed", provider_id, key)]
    return [Report(what, provider_id, key, detail)]
