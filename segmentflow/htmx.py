"""Page or part: one view and one template answer both a visit and htmx."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

Rest = ParamSpec("Rest")


class HtmxHttpRequest(HttpRequest):
    """A request that has passed HtmxMiddleware."""

    htmx: HtmxDetails


View = Callable[Concatenate[HtmxHttpRequest, Rest], HttpResponseBase]


def wants_part(request: HtmxHttpRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_part(request: HtmxHttpRequest, page: str, part: str) -> str:
    """Name the whole page's template, or only the part of it that htmx asked for."""
    return f"{page}#{part}" if wants_part(request) else page


def needs(*permissions: str) -> Callable[[View[Rest]], View[Rest]]:
    """Let in who has signed in and has all the permissions; see segmentflow/roles.py."""

    def decorate(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def guarded(
            request: HtmxHttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not request.user.has_perms(permissions):
                raise PermissionDenied("Your role does not include this page.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_sign_in(request: HtmxHttpRequest) -> HttpResponseBase:
    """The whole page goes there, never only the part that htmx would swap."""
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    try:
        back = request.htmx.current_url_abs_path
    except ValueError:  # no browser has such an address
        back = None
    sign_in = redirect_to_login(back or "/")
    return HttpResponseClientRedirect(sign_in.headers["Location"])
