"""The pages of the settings: which of them a person may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User

SECTION = "settings"
UNPROCESSABLE = 422
GET_OR_POST = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    """Of the address, too."""
    label: str
    right: str


TABS = (
    Tab("key_list", "API keys", "segmentflow.view_apikey"),
    Tab("website_list", "Websites", "segmentflow.view_website"),
    Tab("user_list", "Users", "segmentflow.view_user"),
    Tab("sending", "Sending", "campaigns.view_way"),
    Tab("webhook_list", "Webhooks", "outbound.view_webhook"),
    Tab("export_list", "Exports", "outbound.change_export"),
    Tab("retention_list", "Data retention", "events.view_retention"),
    Tab("audit_log", "Audit log", "segmentflow.view_auditentry"),
    Tab("workspace", "Workspace", "segmentflow.view_workspace"),
    Tab("status", "Status", "segmentflow.view_sighting"),
)


@require_safe
@needs()
def settings(request: HtmxHttpRequest) -> HttpResponse:
    """The first page that this person may see."""
    for tab in TABS:
        if request.user.has_perm(tab.right):
            return redirect(tab.name)
    raise PermissionDenied("Your role does not include the settings.")


def person(user: AbstractBaseUser | AnonymousUser) -> User:
    """Who is signed in; `needs` has let nobody else in."""
    assert isinstance(user, User)  # noqa: S101 - see above
    return user


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    """A database takes no NUL."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
