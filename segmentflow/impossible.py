"""Addresses with a character that nothing stored can have: there is nothing, and nobody has to look."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

READ_BY_RECIPIENTS = ("/m/", "/s/")
"""Addresses in messages: whatever is wrong with one, its page is the same (campaigns/tracking)."""


class ImpossibleAddressMiddleware:
    """Django's administration would ask the database for it, which refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.path_info
        if "\0" in address and not address.startswith(READ_BY_RECIPIENTS):
            raise Http404("There is nothing here.")
        return self._get_response(request)
