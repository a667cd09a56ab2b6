"""The base of the views of the API here: who may, and refusals as problems."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from segmentflow.api.views import ApiView
from segmentflow.models import User
from segments.asking import as_problem


class OutboundApiView(ApiView):
    """People need the rights of their role for what keys need scopes for."""

    rights: ClassVar[dict[str, str]] = {}
    """By method."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        right = self.rights[request.method or ""] if request.method in self.rights else ""
        if right and isinstance(request.user, User) and not request.user.has_perm(right):
            raise PermissionDenied("Your role does not include this.")

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(as_problem(exc))
