"""All documents of this installation, read once by each process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from segmentflow.documentation import pictures
from segmentflow.documentation.contents import Entry, Group, beginning_of, groups_of, in_order
from segmentflow.documentation.rendering import Link, Picture, Rendered, render
from segmentflow.documentation.search import Index
from segmentflow.documentation.sources import Source, key_of, led_to, read_sources


@dataclass(frozen=True, slots=True)
class Around:
    """Where a page is among the others."""

    group: Group | None
    before: Entry | None
    after: Entry | None


class Site:
    def __init__(self, top: Path) -> None:
        self._top = top
        self._rendered: dict[str, Rendered] = {}
        self.sources = read_sources(top)
        self.groups = groups_of(self.sources[""], there=self.sources)
        self._order = list(in_order(self.groups))

    @cached_property
    def index(self) -> Index:
        return Index(self.sources.values(), self.titles)

    @cached_property
    def titles(self) -> dict[str, str]:
        """As the contents call the pages."""
        return {entry.key: entry.title for _, entry in self._order}

    def title_of(self, key: str) -> str:
        return self.titles.get(key) or self.sources[key].title

    def around(self, key: str) -> Around:
        places = [place for place, (_, entry) in enumerate(self._order) if entry.key == key]
        if not places:
            return Around(None, None, None)
        place = places[0]
        before = self._order[place - 1][1] if place else None
        after = self._order[place + 1][1] if place + 1 < len(self._order) else None
        return Around(self._order[place][0], before, after)

    def page(self, key: str) -> Rendered:
        """Rendered when somebody first wants to read it."""
        if key not in self._rendered:
            source = self.sources[key]
            self._rendered[key] = self._render(source, source.markdown)
        return self._rendered[key]

    @cached_property
    def beginning(self) -> Rendered:
        """Of the first page: its groups are drawn otherwise."""
        return self._render(self.sources[""], beginning_of(self.sources[""]))

    def _render(self, source: Source, markdown: str) -> Rendered:
        return render(
            markdown,
            link_of=lambda link: self.link_of(link, source),
            picture_of=lambda link: self._picture(led_to(link, path=source.path)),
        )

    def link_of(self, link: str, source: Source) -> Link | None:
        """`builder.md#keys` is /docs/builder#keys; None for files that are no pages."""
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or link.startswith("#"):
            return Link(link, "")
        key = key_of(led_to(parts.path, path=source.path))
        if key not in self.sources:
            return None
        anchor = f"#{parts.fragment}" if parts.fragment else ""
        return Link(address_of(key) + anchor, self.title_of(key))

    def _picture(self, path: str) -> Picture | None:
        address, size = pictures.address_of(path), pictures.size_of(self._top / path)
        return Picture(address, *size) if address and size else None


def address_of(key: str) -> str:
    return reverse("documentation_page", args=[key]) if key else reverse("documentation")


def site() -> Site:
    """While one works on it, each request reads the files anew."""
    return Site(settings.BASE_DIR) if settings.DEBUG else _site()


@cache
def _site() -> Site:
    return Site(settings.BASE_DIR)
