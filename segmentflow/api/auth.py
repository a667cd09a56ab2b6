"""Who may call the API: programs with a key, and people of the staff who are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from segmentflow.api.admitting import admitted
from segmentflow.api.websites import PREFIX as PUBLIC
from segmentflow.audit.acting import note_key
from segmentflow.client_address import client_address
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User

HOW = "Send the header “Authorization: Bearer <key>” with a key that an admin has made."


@dataclass(frozen=True, slots=True)
class Program:
    """What `request.user` is when a key was sent."""

    key: ApiKey
    is_authenticated: bool = True


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        kind, _, sent = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer" or not sent.strip():
            raise AuthenticationFailed(HOW)
        now, address = current_time(), client_address(request)
        key = admitted(sent.strip(), address=address, now=now)
        if key is None:
            if sent.strip().startswith(PUBLIC):
                raise AuthenticationFailed("The key of a website only sends, and only to /v1/.")
            raise AuthenticationFailed("This key does not exist or has been revoked.")
        note_key(key_id=key.pk, name=key.name)
        return Program(key), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class StaffSession(SessionAuthentication):
    """For trying the API in the browser; changes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        return found if found is not None and found[0].is_staff else None


class HasScope(BasePermission):
    """A key needs the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.user, User):
            return True
        if not isinstance(request.user, Program):
            raise NotAuthenticated(HOW)
        scopes = view.scopes_for(request.method or "")  # type: ignore[attr-defined]
        if scopes.isdisjoint(request.user.key.scopes):
            wanted = " or ".join(sorted(scopes))
            raise PermissionDenied(f"This key has no scope “{wanted}”.")
        return True
