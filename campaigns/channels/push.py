"""Web Push: messages to the browsers in which contacts agreed to them (RFC 8030, 8188, 8291, 8292)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from py_vapid import Vapid02

from campaigns.channels.adapters import Adapter, Clock, Field, WayFacts
from campaigns.channels.handing import Browser, Handed, Outbound, Outcome, Push
from campaigns.channels.http import retry_after
from campaigns.channels.secrets import Unreadable
from campaigns.keys import MessageKey
from campaigns.push.services import wrong_endpoint
from campaigns.push.transport import Answer, NotAnswered, NotConnected, NotPublic, Transport
from campaigns.push.vapid import signing_key
from campaigns.rendering.push import MOST_BYTES
from contacts.models import Channel
from contacts.problems import Problem
from segmentflow.clock import current_time

KEPT_HOURS: Final = 72
MOST_HOURS: Final = 28 * 24
"""No push service keeps a message longer."""
GONE: Final = (404, 410)
SIGNED_FOR: Final = timedelta(hours=12)
SIGNED_ANEW: Final = timedelta(hours=1)
"""Before the end."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of one browser."""

    outcome: Outcome
    error: str = ""
    wait_seconds: float | None = None
    is_gone: bool = False


class WebPush:
    """Hands each message to the push services of all browsers of its contact."""

    def __init__(
        self, *, signer: Vapid02, subject: str, kept_seconds: int, urgency: str, clock: Clock
    ) -> None:
        self._signer = signer
        self._subject = subject
        self._headers = {
            "TTL": str(kept_seconds),
            "Urgency": urgency,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        self._clock = clock
        self._transport = Transport()
        self._signed: dict[str, tuple[str, datetime]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transport.close()

    def hand(self, message: Outbound) -> Handed:
        """Accepted as soon as it is on its way to one browser of the contact."""
        if not isinstance(message, Push):
            return Handed(Outcome.REFUSED, "This is no push message.")
        content = _content(message)
        if len(content) > MOST_BYTES:
            said = f"It has {len(content):,} bytes, and push services take {MOST_BYTES:,}."
            return Handed(Outcome.REFUSED, f"The message is too long. {said}")
        told = [self._tell(one, content, message.key) for one in message.browsers]
        pairs = zip(message.browsers, told, strict=True)
        gone = tuple(browser.digest for browser, one in pairs if one.is_gone)
        return replace(_summed(told), gone=gone)

    def _tell(self, browser: Browser, content: bytes, key: MessageKey | None) -> _Told:
        if wrong := wrong_endpoint(browser.endpoint):
            return _Told(Outcome.REFUSED, wrong)
        host = urlsplit(browser.endpoint).netloc
        try:
            body = _encrypted(browser, content)
        except ValueError:
            return _Told(Outcome.REFUSED, "The keys of the browser are not valid.", is_gone=True)
        try:
            answer = self._transport.post(browser.endpoint, body, self._headers_for(browser, key))
        except NotConnected as problem:
            return _Told(Outcome.LATER, f"{host} could not be reached ({problem}).")
        except NotPublic:
            return _Told(Outcome.REFUSED, f"{host} is not on the internet.")
        except NotAnswered as problem:
            return _Told(Outcome.UNCLEAR, f"{host} did not answer ({problem}).")
        return _judged(answer, host, now=self._clock())

    def _headers_for(self, browser: Browser, key: MessageKey | None) -> dict[str, str]:
        own = {"Authorization": self._authorization(browser.endpoint)}
        if key is not None:
            # Of messages with the same topic that wait for a browser, it gets only the last.
            own["Topic"] = _tag(key)
        return self._headers | own

    def _authorization(self, endpoint: str) -> str:
        """Signed once for each push service and some hours."""
        parts, now = urlsplit(endpoint), self._clock()
        origin = f"{parts.scheme}://{parts.netloc}"
        signed, until = self._signed.get(origin, ("", now))
        if until - now <= SIGNED_ANEW:
            until = now + SIGNED_FOR
            claims = {"aud": origin, "sub": self._subject, "exp": int(until.timestamp())}
            signed = self._signer.sign(claims)["Authorization"]
            self._signed[origin] = signed, until
        return signed


def _content(message: Push) -> bytes:
    """What the service worker reads (campaigns/push/worker.js)."""
    shown = {
        "segmentflow": 1,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "icon": message.icon,
        "image": message.image,
        "tag": _tag(message.key) if message.key else "",
    }
    return json.dumps(
        {name: value for name, value in shown.items() if value}, ensure_ascii=False
    ).encode("utf-8", "replace")


def _tag(key: MessageKey) -> str:
    """Names the message in the browser, so that the same one is never shown beside itself."""
    digest = hashlib.sha256("-".join(map(str, key)).encode()).digest()
    return base64.urlsafe_b64encode(digest)[:32].decode()


def _encrypted(browser: Browser, content: bytes) -> bytes:
    # It brings an asynchronous client along, which no other process has to load.
    from pywebpush import WebPusher

    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    body = WebPusher({"endpoint": browser.endpoint, "keys": keys}).encode(content, "aes128gcm")
    found: bytes = body["body"]
    return found


def _judged(answer: Answer, host: str, *, now: datetime) -> _Told:
    status = answer.status
    if 200 <= status < 300:
        return _Told(Outcome.ACCEPTED)
    if status in GONE:
        return _Told(Outcome.REFUSED, "The browser is gone.", is_gone=True)
    if status == 429 or status >= 500:
        wait = retry_after(answer.headers.get("Retry-After"), now=now)
        return _Told(Outcome.LATER, f"{host} asks to come later ({status}).", wait)
    return _Told(Outcome.REFUSED, f"{host} refused it ({status}).")


def _summed(told: Sequence[_Told]) -> Handed:
    """The best that came of any browser; never again where one may have taken it."""
    for outcome in (Outcome.ACCEPTED, Outcome.UNCLEAR, Outcome.LATER):
        found = [one for one in told if one.outcome == outcome]
        if outcome == Outcome.ACCEPTED and found:
            return Handed(Outcome.ACCEPTED)
        if found:
            waits = [one.wait_seconds for one in found if one.wait_seconds is not None]
            return Handed(outcome, found[0].error, wait_seconds=max(waits, default=None))
    refused = [one for one in told if not one.is_gone]
    return Handed(Outcome.REFUSED, refused[0].error if refused else "No browser is left.")


def _open(way: WayFacts, clock: Clock) -> WebPush:
    hours = min(int(way.text("kept_hours", str(KEPT_HOURS))), MOST_HOURS)
    return WebPush(
        signer=signing_key(now=clock()),
        subject=f"mailto:{way.text('contact')}",
        kept_seconds=hours * 3600,
        urgency=way.text("urgency", "normal"),
        clock=clock,
    )


def _problems(_way: WayFacts) -> list[Problem]:
    try:
        signing_key(now=current_time())
    except Unreadable:
        said = (
            "The key of push messages cannot be read, because SECRET_KEY is another one now."
            " Browsers take messages signed with it only: bring the SECRET_KEY of before back."
        )
        return [Problem("", "unreadable", said)]
    return []


ADAPTERS = (
    Adapter(
        name="webpush",
        label="Web Push",
        channel=Channel.PUSH.value,
        open=_open,
        about="Sends to the browsers in which visitors of your websites subscribed, without anybody"
        " in between but the makers of the browsers. Connect a website first.",
        fields=(
            Field(
                "contact",
                "Email for push services",
                kind="email",
                is_required=True,
                help="To whom the makers of browsers write if something is wrong with what you send.",
            ),
            Field(
                "kept_hours",
                "Keep for",
                kind="number",
                default=str(KEPT_HOURS),
                help="Hours for which a message waits for a browser that is closed; at most 672.",
            ),
            Field(
                "urgency",
                "Urgency",
                kind="choice",
                choices=(
                    ("very-low", "Only on power and Wi-Fi"),
                    ("low", "On power or Wi-Fi"),
                    ("normal", "Normal"),
                    ("high", "Also on low battery"),
                ),
                default="normal",
                help="Phones that save their battery wait with what is not urgent.",
            ),
        ),
        problems=_problems,
        at_once=4,
    ),
)
