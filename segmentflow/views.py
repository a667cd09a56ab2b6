"""Pages that belong to no app: the way in, and what is said when something goes wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, is_valid_path
from django.utils.http import escape_leading_slashes
from django.views.decorators.http import require_safe

from segmentflow.admin_site import is_verified
from segmentflow.logs.request_ids import current_id


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For programs that ask for the old name without having read a page."""
    return redirect(static("img/favicon.svg"))


def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The administration has no door of its own; whoever is in already lacks the right, or the
    second factor that it asks for (admin_site.py)."""
    user = request.user
    if not user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or "/admin/")
    if not user.is_staff or is_verified(user):
        raise PermissionDenied("Your account may not open the administration.")
    messages.info(request, "The administration opens only for those with a second factor.")
    return redirect("second_factor")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status, title = 413, "That is too much at once"
    match exception:
        case TooManyFieldsSent():
            said = f"A form has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields."
        case TooManyFilesSent():
            said = f"A form has at most {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} files."
        case RequestDataTooBig():
            said = f"A form has at most {settings.MAX_BODY_BYTES // 1024 // 1024} MB."
        case _:
            status, title = 400, "This request cannot be read"
            said = "Something in its address or data is wrong."
    return _problem(request, status, title, said)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = "The form was open for too long, or cookies are off. Go back, reload it, try again."
    return _problem(request, 403, "The form is no longer valid", detail)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = str(exception) if isinstance(exception, PermissionDenied) else ""
    return _problem(request, 403, "Not for you", said or "Your role does not include this page.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, Resolver404) and (address := _without_slash(request)):
        return HttpResponsePermanentRedirect(address)
    return _problem(
        request, 404, "There is nothing here", "It may have been deleted, or the address is wrong."
    )


def _without_slash(request: HttpRequest) -> str | None:
    """Where a page is that was asked for with a slash at its end, as by hand or by habit."""
    if request.method not in ("GET", "HEAD") or not is_valid_path(
        request.path_info.removesuffix("/")
    ):
        return None
    path = request.path.removesuffix("/")
    query = request.META.get("QUERY_STRING", "")
    return escape_leading_slashes(f"{quote(path)}?{query}" if query else quote(path))


def server_error(request: HttpRequest) -> HttpResponse:
    return _problem(
        request, 500, "That should not have happened", "It was our mistake, and it was logged."
    )


def unavailable(request: HttpRequest, title: str, detail: str) -> HttpResponse:
    """For outage.py."""
    return _problem(request, 503, title, detail)


def _problem(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    """Needs no database: it may be what broke."""
    context: dict[str, Any] = {"status": status, "title": title, "detail": detail}
    if status >= 500 and (name := current_id()):
        context["request_id"] = name
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", **context}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    if request.path.startswith("/v1/"):
        # As the libraries of others read it (events/tracking).
        told = {"success": False, "code": title, "message": detail}
        if "request_id" in context:
            told["request_id"] = context["request_id"]
        return JsonResponse(told, status=status)
    return HttpResponse(render_to_string("shared/problem.html", context), status=status)
