"""The API of webhooks: translates between HTTP and services; see docs/webhooks.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.problems import Problem, Refused
from outbound.webhooks import again, selectors, serializers, services
from outbound.webhooks.addressing import allowed_here
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.posting import Poster
from outbound.webhooks.wakes import wake
from segmentflow.api.auth import Program
from segmentflow.api.paging import Page, page_answer, page_of
from segmentflow.api.problems import conflict
from segmentflow.api.views import READS, Scope
from segmentflow.clock import current_time
from segments import asking
from segments.asking import SegmentApiView

SEE = "outbound.view_webhook"
CHANGE = "outbound.change_webhook"
Shown = TypeVar("Shown")


class WebhookApiView(SegmentApiView):
    """For admins, as the pages are.

    A webhook hands out what is known of people, so a key that makes or changes one may read, too.
    """

    rights: ClassVar = {
        "GET": SEE,
        "HEAD": SEE,
        "OPTIONS": SEE,
        "POST": CHANGE,
        "PATCH": CHANGE,
        "DELETE": "outbound.delete_webhook",
    }

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method in READS or not isinstance(request.user, Program):
            return
        if Scope.READ not in request.user.key.scopes:
            said = "A webhook hands out what it sends: this key needs the scope “read”, too."
            raise PermissionDenied(said)


class WebhooksView(WebhookApiView):
    rights: ClassVar = {**WebhookApiView.rights, "POST": "outbound.add_webhook"}

    @extend_schema(
        operation_id="list_webhooks",
        parameters=asking.PAGING,
        responses=serializers.WebhookPage,
    )
    def get(self, request: Request) -> Response:
        """All webhooks, in the order in which they were made."""
        page = page_of(request)
        found = Webhook.objects.filter(pk__gt=page.number).order_by("pk")
        rows = selectors.described(list(found[: page.limit + 1]))
        keys = selectors.keys_of([row.webhook.pk for row in rows])
        return _page(
            request,
            page,
            rows,
            lambda row: serializers.webhook_as_data(row, keys.get(row.webhook.pk, [])),
            lambda row: row.webhook.pk,
        )

    @extend_schema(
        operation_id="create_webhook",
        request=serializers.NewWebhook,
        responses={201: serializers.CreatedWebhook},
    )
    def post(self, request: Request) -> Response:
        """Make a webhook. The answer alone tells its secret."""
        given = asking.body(request, serializers.NewWebhook)
        webhook, secret = services.create_webhook(
            wanted=serializers.wanted_by(given), author=asking.author(request)
        )
        return Response({**_as_data(webhook), "secret": secret}, status=201)


class WebhookView(WebhookApiView):
    @extend_schema(operation_id="get_webhook", responses=serializers.WebhookAnswer)
    def get(self, request: Request, pk: str) -> Response:
        """How it is set up, and how it stands."""
        return Response(_as_data(_webhook(pk)))

    @extend_schema(
        operation_id="change_webhook",
        request=serializers.ChangedWebhook,
        responses=serializers.WebhookAnswer,
    )
    def patch(self, request: Request, pk: str) -> Response:
        """Change what is sent. `status` pauses it, or resumes it, also after a 410."""
        given = asking.body(request, serializers.ChangedWebhook)
        webhook, status = _webhook(pk), given.pop("status", None)
        if given.get("every_segment") and "segments" not in given:
            given["segments"] = []
        if given.get("segments") and "every_segment" not in given:
            given["every_segment"] = False
        if given:
            keys = selectors.keys_of([webhook.pk]).get(webhook.pk, [])
            wanted = serializers.wanted_of(webhook, keys, given)
            services.change_webhook(pk=webhook.pk, wanted=wanted)
        if status == "paused":
            services.pause_webhook(pk=webhook.pk, now=current_time())
        elif status == "active":
            services.resume_webhook(pk=webhook.pk, now=current_time())
            wake()
        return Response(_as_data(_webhook(pk)))

    @extend_schema(operation_id="delete_webhook", responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """With its log and what waits to be told."""
        services.delete_webhook(pk=_webhook(pk).pk)
        return Response(status=204)


class SecretView(WebhookApiView):
    @extend_schema(operation_id="renew_webhook_secret", request=None, responses=serializers.Secret)
    def post(self, request: Request, pk: str) -> Response:
        """Make another secret. Both sign for 24 hours."""
        webhook, secret = services.renew_secret(pk=_webhook(pk).pk, now=current_time())
        return Response({"secret": secret, "former_secret_until": webhook.former_until})


class TestView(WebhookApiView):
    @extend_schema(operation_id="test_webhook", request=None, responses=serializers.DeliveryAnswer)
    def post(self, request: Request, pk: str) -> Response:
        """Send a request about a contact that does not exist, and answer how it went."""
        sent = again.send_test(
            webhook=_webhook(pk), post=Poster(allowed_here()), now=current_time()
        )
        return Response(serializers.delivery_as_data(sent))


class DeliveriesView(WebhookApiView):
    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[*asking.PAGING, asking.text("state")],
        responses=serializers.DeliveryPage,
    )
    def get(self, request: Request, pk: str) -> Response:
        """The requests of the last 30 days, the newest first."""
        states = {name: state for state, name in serializers.DELIVERY_STATES.items()}
        asked = asking.choice_asked_for(request, "state", states)
        page = page_of(request)
        found = selectors.deliveries(_webhook(pk), state=states.get(asked))
        if page.cursor:
            found = found.filter(pk__lt=page.number)
        rows = list(found[: page.limit + 1])
        return _page(request, page, rows, serializers.delivery_as_data, lambda row: row.pk)


class ResendFailedView(WebhookApiView):
    @extend_schema(
        operation_id="resend_failed_deliveries", request=None, responses=serializers.Resent
    )
    def post(self, request: Request, pk: str) -> Response:
        """Send all that failed again, with the same numbers."""
        number = again.send_again(webhook_id=_webhook(pk).pk, now=current_time())
        wake()
        return Response({"resent": number})


class ResendView(WebhookApiView):
    @extend_schema(operation_id="resend_delivery", request=None, responses=serializers.Resent)
    def post(self, request: Request, pk: str, delivery: str) -> Response:
        """Send one again, with the same number; 409 while it waits to be sent anyway."""
        found = get_object_or_404(WebhookDelivery, pk=int(delivery), webhook_id=int(pk))
        if found.is_test:
            raise Refused([Problem("", "invalid", "A test is not sent again; send another one.")])
        number = again.send_again(
            webhook_id=found.webhook_id, delivery_id=found.pk, now=current_time()
        )
        if not number:
            raise conflict("This delivery waits to be sent already.")
        wake()
        return Response({"resent": number})


def _webhook(pk: str) -> Webhook:
    return get_object_or_404(Webhook, pk=int(pk))


def _as_data(webhook: Webhook) -> dict[str, Any]:
    [row] = selectors.described([webhook])
    return serializers.webhook_as_data(row, selectors.keys_of([webhook.pk]).get(webhook.pk, []))


def _page(
    request: Request,
    page: Page,
    rows: Sequence[Shown],
    as_data: Callable[[Shown], dict[str, Any]],
    cursor_of: Callable[[Shown], object],
) -> Response:
    return Response(page_answer(request, page, rows, as_data=as_data, cursor_of=cursor_of))
