"""Text messages by Twilio: its public API of 2010-04-01, one request for each message."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.crypto import constant_time_compare

from campaigns.channels.adapters import Adapter, Clock, Field, WayFacts
from campaigns.channels.handing import Handed, Outbound, Outcome, Sms
from campaigns.channels.hooks import hook_address, is_public
from campaigns.channels.http import Answer, Calling, ask, judged_status, timeouts_of
from campaigns.channels.writing import key_text, said
from contacts.models import Channel
from contacts.problems import Problem

NAME: Final = "twilio"
API: Final = "https://api.twilio.com"

BAD_ADDRESS: Final = frozenset({21211, 21214, 21217, 21407, 21421, 21614})
"""No phone number, or none that takes text messages."""
STOPPED: Final = 21610
STOPPED_SAID: Final = f"The recipient unsubscribed by STOP (Twilio’s error {STOPPED})."
OURS: Final = frozenset(
    {
        20003,
        20005,
        20404,
        20429,
        21212,
        21603,
        21606,
        21609,
        21611,
        21659,
        21660,
        21703,
        21705,
        63038,
    }
)
"""About the account, its sender or its limits, so it concerns all messages."""

FIELDS: Final = (
    Field("account_sid", "Account SID", is_required=True, longest=64),
    Field("auth_token", "Auth token", is_secret=True, is_required=True, longest=200),
    Field(
        "messaging_service",
        "Messaging service SID",
        longest=64,
        help="In place of the sender, if you have one: it begins with MG.",
    ),
    Field(
        "api_url",
        "Address of the API",
        kind="url",
        help=f"Empty: {API}. Another region has another one.",
    ),
)


class TwilioCarrier(Calling):
    def __init__(self, way: WayFacts, clock: Clock) -> None:
        self._clock = clock
        self._service = way.text("messaging_service")
        account = way.text("account_sid")
        base = way.text("api_url", API).rstrip("/")
        self._url = f"{base}/2010-04-01/Accounts/{account}/Messages.json"
        self._auth = (account, way.secrets.get("auth_token", ""))
        self._callback = hook_address(Channel.SMS.value, NAME) if is_public() else ""
        self._timeouts = timeouts_of(way)
        super().__init__()

    def hand(self, message: Outbound) -> Handed:
        assert isinstance(message, Sms)  # noqa: S101 - the channel's messages are
        body = {"To": message.to, "Body": message.text}
        if self._service:
            body["MessagingServiceSid"] = self._service
        else:
            body["From"] = message.sender
        if self._callback and message.key is not None:
            body["StatusCallback"] = f"{self._callback}?m={key_text(message.key)}"
        answer = ask(
            self._session, "POST", self._url, timeouts=self._timeouts, data=body, auth=self._auth
        )
        if isinstance(answer, Handed):
            return answer
        return self._judged(answer, message.to)

    def _judged(self, answer: Answer, address: str) -> Handed:
        told = answer.json()
        told = told if isinstance(told, dict) else {}
        if answer.is_success:
            return Handed(Outcome.ACCEPTED, provider_id=str(told.get("sid") or "")[:200])
        code = told.get("code")
        words = said(f"{told.get('message') or answer.words()}", address=address)
        if isinstance(code, int):
            words = f"{words} (Twilio’s error {code})"
        if code == STOPPED:
            return Handed(Outcome.REFUSED, error=STOPPED_SAID, is_unsubscribed=True)
        if code in BAD_ADDRESS:
            return Handed(Outcome.REFUSED, error=words, is_bad_address=True)
        handed = judged_status(answer, words, now=self._clock())
        if code in OURS:
            wait = handed.wait_seconds
            return Handed(Outcome.LATER, error=words, wait_seconds=wait, is_everybody=True)
        return handed


def is_signed(
    *, token: str, url: str, parameters: Mapping[str, Sequence[str]], signature: str
) -> bool:
    """Whether the request comes from Twilio: HMAC-SHA1 over the address and what was sent."""
    text = url + "".join(
        f"{name}{value}" for name in sorted(parameters) for value in sorted(set(parameters[name]))
    )
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return bool(token) and constant_time_compare(base64.b64encode(digest).decode(), signature)


def _problems(way: WayFacts) -> Sequence[Problem]:
    problems: list[Problem] = []
    if not way.text("account_sid").isalnum():
        problems.append(
            Problem("account_sid", "wrong_value", "An account SID has letters and digits.")
        )
    if not way.text("messaging_service") and not way.text("sender"):
        said_ = "Give a sender, or the SID of a messaging service."
        problems.append(Problem("sender", "missing", said_))
    return problems


ADAPTERS: Final[tuple[Any, ...]] = (
    Adapter(
        name=NAME,
        label="Twilio",
        channel=Channel.SMS.value,
        open=TwilioCarrier,
        fields=FIELDS,
        about="Reports of delivery come by themselves when PUBLIC_URL can be reached from outside.",
        problems=_problems,
        at_once=4,
    ),
)
