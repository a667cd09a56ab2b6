"""Light or dark: kept in a cookie, so that the page comes in the right colours at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

CHOICES = ("light", "dark")
YEAR = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Anything but light and dark means: as the system says."""
    wanted, back = request.POST.get("theme", ""), request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    # As it is: `redirect` would take a word for the name of a page.
    answer = HttpResponseRedirect(back if is_ours else "/")
    if wanted in CHOICES:
        is_secure = request.is_secure()
        answer.set_cookie(
            "theme", wanted, max_age=YEAR, samesite="Lax", secure=is_secure, httponly=True
        )
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer
