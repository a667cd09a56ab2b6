"""The gallery of pictures, and each of them for whoever reads a message."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.message.operations import OF_PUSH
from campaigns.models import Campaign
from campaigns.pictures.keeping import (
    MOST_BYTES,
    TOO_LARGE,
    address_of,
    delete_picture,
    keep_picture,
    path_of,
)
from campaigns.pictures.models import Picture
from campaigns.pictures.reading import EXTENSIONS
from campaigns.views.message_shown import UNPROCESSABLE
from campaigns.views.shown import SECTION
from contacts.problems import Conflict, Refused
from segmentflow.clock import current_time
from segmentflow.confirm import ask
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.views.shown import number_of, person

LIST: Final = "campaigns/picture_list.html"
A_PAGE: Final = 24
A_YEAR: Final = "public, max-age=31536000, immutable"
CONFLICT: Final = 409


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs("campaigns.view_picture", "campaigns.add_picture")
def picture_list(request: HtmxHttpRequest) -> HttpResponse:
    """With `campaign` and `block`, one can be chosen for that image."""
    if request.method != "POST":
        return _list(request)
    file: Any = request.FILES.get("file")
    if file is None:
        return _list(request, "Choose a picture.", status=UNPROCESSABLE)
    if file.size > MOST_BYTES:
        return _list(request, TOO_LARGE, status=UNPROCESSABLE)
    try:
        keep_picture(
            name=file.name or "", data=file.read(), author=person(request), now=current_time()
        )
    except Refused as refused:
        return _list(request, str(refused), status=UNPROCESSABLE)
    return redirect(f"{reverse('picture_list')}{_chosen_for(request)}")


def _list(request: HtmxHttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    pictures = Picture.objects.defer("data").select_related("author")
    page = Paginator(pictures, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "pictures": [(one, path_of(one), address_of(one)) for one in page],
        "error": error,
        "query": _chosen_for(request),
        "largest": MOST_BYTES,
        "too_large": TOO_LARGE,
        **_wanted(request),
    }
    return render(request, page_or_part(request, LIST, "gallery"), context, status=status)


def _wanted(request: HtmxHttpRequest) -> dict[str, Any]:
    """The image for which one is chosen."""
    campaign_id = number_of(request.GET.get("campaign"))
    block = request.GET.get("block", "")
    campaign = Campaign.objects.filter(pk=campaign_id).first() if campaign_id else None
    known = _places(campaign) if campaign else set()
    return {"campaign": campaign, "block_id": block} if block in known else {}


def _places(campaign: Campaign) -> set[str]:
    """What shows pictures: the images among the blocks, or parts of a notification."""
    if campaign.channel == "push":
        return {*OF_PUSH}
    blocks = campaign.content.get("blocks", [])
    return {str(one.get("id")) for one in blocks if one.get("kind") == "image"}


def _chosen_for(request: HtmxHttpRequest) -> str:
    wanted = _wanted(request)
    return f"?campaign={wanted['campaign'].pk}&block={wanted['block_id']}" if wanted else ""


@require_http_methods(["GET", "HEAD", "POST"])
@needs("campaigns.view_picture", "campaigns.delete_picture")
def picture_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    picture = get_object_or_404(Picture.objects.defer("data"), pk=pk)
    question: dict[str, Any] = {
        "section": SECTION,
        "title": f"Delete picture “{picture.name}”?",
        "detail": "Whoever has its address sees nothing there any more.",
        "button": "Delete",
        "back": reverse("picture_list"),
    }
    if request.method == "POST":
        try:
            delete_picture(picture=picture)
        except Conflict as conflict:
            question |= {"detail": str(conflict), "is_refused": True}
            answer = ask(request, **question)
            answer.status_code = CONFLICT
            return answer
        messages.success(request, f"“{picture.name}” is deleted.")
        return redirect("picture_list")
    return ask(request, **question)


@require_safe
def picture_file(request: HtmxHttpRequest, token: str, extension: str) -> HttpResponse:
    """For anybody who knows the address. It never changes, so it is kept for ever."""
    picture = Picture.objects.filter(token=token).first()
    if picture is None or EXTENSIONS[picture.content_type] != extension:
        raise Http404
    answer = HttpResponse(bytes(picture.data), content_type=picture.content_type)
    answer["Cache-Control"] = A_YEAR
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Content-Disposition"] = "inline"
    return answer
