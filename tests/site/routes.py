"""Every address that the site answers, and the methods each of them takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLResolver, get_resolver, resolve

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def all_routes() -> dict[str, Callable[..., Any]]:
    """The views by their routes, as `resolve(...).route` has them."""
    return dict(_below(get_resolver(), ""))


def route_of(address: str) -> str:
    return resolve(address.partition("?")[0]).route


def _below(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        own = str(pattern.pattern)
        route = prefix + (own.removeprefix("^") if prefix else own)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern, route)
        else:
            yield route, pattern.callback


def methods_of(route: str, view: Callable[..., Any]) -> set[str]:
    """Those that it says it takes; none when it does not say so before it is called."""
    if route.startswith("admin/"):
        return _methods_of_class(view) & {"GET", "POST"}  # Django's own pages know no others
    return _methods_of_class(view) or _methods_of_function(view)


def _methods_of_class(view: Callable[..., Any]) -> set[str]:
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    listed = {name.upper() for name in getattr(kind, "http_method_names", ())}
    return {name for name in METHODS if name in listed and hasattr(kind, name.lower())}


def _methods_of_function(view: Callable[..., Any]) -> set[str]:
    """As `require_http_methods` and the like keep them."""
    inner: Any = view
    while inner is not None:
        if listed := inspect.getclosurevars(inner).nonlocals.get("request_method_list"):
            return {*listed} & {*METHODS}
        inner = getattr(inner, "__wrapped__", None)
    return set()
