"""The services that deliver email, as django-anymail knows them: what each needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, cast

from campaigns.channels.adapters import Field


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    """Of the modules in anymail, and in the addresses of reports."""
    label: str
    fields: Sequence[Field]
    """Their keys are the keyword arguments of its backend; those with webhook_ in them are its
    view's, and signing_secret is."""
    backend_name: str = "EmailBackend"
    view_name: str = ""
    has_metadata: bool = True
    """Whether it keeps our key for us and tells it with each report."""

    def backend(self) -> type[Any]:
        return cast(type[Any], self._found("backends", self.backend_name))

    def view(self) -> type[Any]:
        """Which reads what the provider reports."""
        return cast(type[Any], self._found("webhooks", self.view_name))

    def _found(self, kind: str, name: str) -> object:
        return getattr(import_module(f"anymail.{kind}.{self.name}"), name)


def is_about_reports(key: str) -> bool:
    """Whether the field is about what the provider tells us, not about what we send."""
    return "webhook_" in key or key == "signing_secret"


def _key(label: str = "API key", key: str = "api_key") -> Field:
    return Field(key, label, is_secret=True, is_required=True, longest=1000)


def _signing(key: str, label: str, help_: str) -> Field:
    return Field(key, label, is_secret=True, help=help_, longest=2000)


API_URL: Final = Field(
    "api_url",
    "Address of the API",
    kind="url",
    help="Empty: the usual one. Some providers have another one for Europe.",
)

PROVIDERS: Final[tuple[Provider, ...]] = (
    Provider("brevo", "Brevo", (_key(), API_URL), view_name="BrevoTrackingWebhookView"),
    Provider(
        "mailersend",
        "MailerSend",
        (
            _key("API token", "api_token"),
            _signing("signing_secret", "Signing secret", "Of the webhook; needed for reports."),
            API_URL,
        ),
        view_name="MailerSendTrackingWebhookView",
        has_metadata=False,
    ),
    Provider(
        "mailgun",
        "Mailgun",
        (
            _key(),
            Field("sender_domain", "Domain", help="Empty: the one of the sender’s address."),
            _signing(
                "webhook_signing_key", "Webhook signing key", "Empty: the API key, as it once was."
            ),
            API_URL,
        ),
        view_name="MailgunTrackingWebhookView",
    ),
    Provider(
        "mailjet",
        "Mailjet",
        (_key(), _key("Secret key", "secret_key"), API_URL),
        view_name="MailjetTrackingWebhookView",
    ),
    Provider(
        "mandrill",
        "Mandrill",
        (
            _key(),
            _signing("webhook_key", "Webhook key", "Of the webhook; needed for reports."),
            API_URL,
        ),
        view_name="MandrillCombinedWebhookView",
    ),
    Provider(
        "postmark",
        "Postmark",
        (
            _key("Server token", "server_token"),
            Field("message_stream", "Message stream", default="broadcast"),
            API_URL,
        ),
        view_name="PostmarkTrackingWebhookView",
    ),
    Provider("resend", "Resend", (_key(), API_URL), view_name="ResendTrackingWebhookView"),
    Provider(
        "sendgrid",
        "SendGrid",
        (
            _key(),
            _signing(
                "tracking_webhook_verification_key",
                "Verification key",
                "Of signed event webhooks, if used.",
            ),
            API_URL,
        ),
        view_name="SendGridTrackingWebhookView",
    ),
    Provider("sparkpost", "SparkPost", (_key(), API_URL), view_name="SparkPostTrackingWebhookView"),
)
BY_NAME: Final = {provider.name: provider for provider in PROVIDERS}
