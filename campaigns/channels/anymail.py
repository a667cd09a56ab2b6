"""Email by a service that delivers it: one request for each message, through django-anymail."""

from __future__ import annotations

import warnings
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

import requests
from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from campaigns.channels.adapters import Adapter, Clock, WayFacts
from campaigns.channels.handing import Email, Handed, Outbound, Outcome
from campaigns.channels.http import Answer, DirectSession, judged_status, timeouts_of, unanswered
from campaigns.channels.providers import PROVIDERS, Provider, is_about_reports
from campaigns.channels.writing import key_text, said, written
from contacts.models import Channel

KEY: Final = "segmentflow"
"""Under this name the provider keeps our key for us."""


class ProviderCarrier:
    def __init__(self, way: WayFacts, clock: Clock, *, provider: Provider) -> None:
        self._provider = provider
        self._clock = clock
        self._timeouts = timeouts_of(way)
        known = {**way.config, **way.secrets}
        options = {
            field.key: known[field.key]
            for field in provider.fields
            if known.get(field.key) and not is_about_reports(field.key)
        }
        with warnings.catch_warnings():
            # Some are kept by volunteers, which is for admins to weigh and not for our log.
            warnings.simplefilter("ignore")
            self._backend = provider.backend()(timeout=self._timeouts, **options)
        self._session = DirectSession()
        self._backend.session = self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def hand(self, message: Outbound) -> Handed:
        assert isinstance(message, Email)  # noqa: S101 - the channel's messages are
        now = self._clock()
        try:
            email = self._written(message, now)
            self._backend.send_messages([email])
        except AnymailRequestsAPIError as error:
            return self._failed(error, message.to, now)
        except AnymailRecipientsRefused:
            return _of_status(email, message.to)
        except AnymailInvalidAddress as error:
            words = said(error, address=message.to)
            return Handed(Outcome.REFUSED, error=words, is_bad_address=message.to in str(error))
        except (AnymailError, BadHeaderError, ValueError) as error:
            words = f"It cannot be sent that way: {said(error, address=message.to)}"
            return Handed(Outcome.REFUSED, error=words)
        return _of_status(email, message.to)

    def _written(self, message: Email, now: datetime) -> EmailMultiAlternatives:
        email = written(message, now=now, headers={})
        # Providers set the date themselves, and some take no other.
        del email.extra_headers["Date"]
        if message.key is not None and self._provider.has_metadata:
            email.metadata = {KEY: key_text(message.key)}  # type: ignore[attr-defined] # as anymail has it
        return email

    def _failed(self, error: AnymailRequestsAPIError, address: str, now: datetime) -> Handed:
        response = error.response
        if response is None:
            cause = error.__cause__
            if isinstance(cause, requests.RequestException):
                return unanswered(cause, self._timeouts)
            return Handed(Outcome.UNCLEAR, error="There was no answer.")
        answer = Answer(response.status_code, response.content, response.headers)
        if answer.is_success:
            # It was taken, but in words that nobody understands.
            return Handed(Outcome.UNCLEAR, error=said(answer.words(), address=address))
        return judged_status(answer, said(answer.words(), address=address), now=now)


def _of_status(email: EmailMultiAlternatives, address: str) -> Handed:
    """What the provider said of the one recipient."""
    status: Any = getattr(email, "anymail_status", None)
    recipients = getattr(status, "recipients", None) or {}
    told = next(iter(recipients.values()), None)
    if told is None:
        return Handed(Outcome.UNCLEAR, error="The provider told nothing of the recipient.")
    provider_id = str(told.message_id or "")[:200]
    match told.status:
        case "sent" | "queued" | "unknown":
            return Handed(Outcome.ACCEPTED, provider_id=provider_id)
        case "invalid":
            words = "The provider calls the address invalid."
            return Handed(Outcome.REFUSED, error=words, is_bad_address=True)
        case "rejected":
            words = "The provider sends nothing to this address, by a list of its own."
            return Handed(Outcome.REFUSED, error=words, provider_id=provider_id)
        case _:
            words = said(getattr(status.esp_response, "text", ""), address=address)
            return Handed(Outcome.REFUSED, error=words or "The provider could not send it.")


ADAPTERS: Final = tuple(
    Adapter(
        name=provider.name,
        label=provider.label,
        channel=Channel.EMAIL.value,
        open=partial(ProviderCarrier, provider=provider),
        fields=provider.fields,
        about="Tell it the address for reports below, so that bounces and complaints come back.",
        at_once=8,
    )
    for provider in PROVIDERS
)
