"""Passkeys: what browsers are asked for, and what of their answers holds.

A passkey stands for password and second factor together, so the device has to make sure that it is
its owner (user verification), when a passkey is made and each time it is used.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django_otp_webauthn import exceptions
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.views import BaseWebAuthnView
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from segmentflow.signin.relying_party import relying_party

UNREADABLE: Final = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What libraries raise over data that no browser sends."""


class Helper(WebAuthnHelper):  # type: ignore[misc] # the library has no types
    """`settings.OTP_WEBAUTHN_HELPER_CLASS`."""

    def get_relying_party_domain(self) -> str:
        return relying_party(settings.PUBLIC_URL).id

    def get_allowed_origins(self) -> list[str]:
        return [relying_party(settings.PUBLIC_URL).origin]

    def get_generate_registration_options_kwargs(self, *, user: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        options["authenticator_selection"] = AuthenticatorSelectionCriteria(
            user_verification=UserVerificationRequirement.REQUIRED,
            resident_key=ResidentKeyRequirement.PREFERRED,
        )
        return options


class Ceremony(BaseWebAuthnView):  # type: ignore[misc] # the same
    """One step between a browser and us, in JSON; whatever else is sent is refused."""

    http_method_names = ("post", "options")

    def _parse_request_data(self, request: HttpRequest) -> Any:
        try:
            data = super()._parse_request_data(request)
        except (ValueError, RecursionError):
            raise exceptions.MalformedRequest() from None
        if not isinstance(data, dict):
            raise exceptions.MalformedRequest()
        return data

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, UNREADABLE) and self.reads_answers:
            exc = exceptions.UnprocessableEntity(detail="This is no answer of a passkey.")
        return super().handle_exception(exc)

    reads_answers = False


def works_here(request: HttpRequest) -> bool:
    """Whether this page stands where passkeys are for."""
    party = relying_party(settings.PUBLIC_URL)
    here = f"{request.scheme}://{request.get_host()}"
    return party.is_possible and here == party.origin
