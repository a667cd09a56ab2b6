"""The documents as pages: for everybody, for they tell of the product and of nothing stored in it.

They ask the database for nothing, so that they can be read while it is away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.documentation.search import LONGEST, Hit
from segmentflow.documentation.site import Site, address_of, site
from segmentflow.htmx import HtmxHttpRequest, page_or_part

PAGE = "documentation/page.html"
SEARCH = "documentation/search.html"
FOUND = "found"

View = Callable[..., HttpResponse]


def kept(view: View) -> View:
    """By browsers and proxies, which ask each time whether it has changed: an upgrade is seen at once."""

    @require_safe
    @conditional_page
    @vary_on_headers("HX-Request", "Cookie")
    @wraps(view)
    def kept_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "public, no-cache"
        return response

    return kept_view


@require_safe
def without_slash(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(address_of(""))


@kept
def first_page(request: HttpRequest) -> HttpResponse:
    documents = site()
    context = _context(documents, "") | {"beginning": documents.beginning}
    return render(request, "documentation/index.html", context)


@kept
def page(request: HtmxHttpRequest, key: str) -> HttpResponse:
    documents = site()
    if key in documents.sources and key:
        context = _context(documents, key) | {"page": documents.page(key)}
        return render(request, PAGE, context)
    meant = key.removesuffix("/").removesuffix(".md")
    meant = "" if meant == "index" else meant
    if meant in documents.sources:
        return HttpResponsePermanentRedirect(address_of(meant))
    words = " ".join(re.findall(r"[^\W_]+", key))[:LONGEST]
    return _answer(request, documents, words, status=HTTPStatus.NOT_FOUND)


@kept
def search(request: HtmxHttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    return _answer(request, site(), words, status=HTTPStatus.OK)


def _answer(
    request: HtmxHttpRequest, documents: Site, words: str, *, status: HTTPStatus
) -> HttpResponse:
    hits = documents.index.search(words)
    context = _context(documents, None) | {
        "q": words,
        "hits": [_shown(hit) for hit in hits],
        "is_missing": status == HTTPStatus.NOT_FOUND,
    }
    return render(request, page_or_part(request, SEARCH, FOUND), context, status=status)


def _shown(hit: Hit) -> dict[str, Any]:
    address = address_of(hit.key) + (f"#{hit.anchor}" if hit.anchor else "")
    return {"hit": hit, "address": address}


def _context(documents: Site, key: str | None) -> dict[str, Any]:
    """What every page has; `key` of the page that is read."""
    return {
        "groups": documents.groups,
        "key": key,
        "title": documents.title_of(key) if key else "",
        "around": documents.around(key) if key else None,
    }
