"""What a browser would send of a form, without a browser."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select: str | None = None
        self._chosen: list[str] = []
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "select":
            self._select, self._chosen, self._first = given.get("name"), [], None
        elif tag == "option":
            value = given.get("value") or ""
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self._chosen.append(value)

    def _input(self, given: dict[str, str | None]) -> None:
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        self.sent.setdefault(given["name"] or "", []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = self._chosen or ([self._first] if self._first is not None else [])
            self.sent.setdefault(self._select, []).extend(chosen)
            self._select = None


def sent_by(html: str) -> dict[str, list[str]]:
    """The values of every control that is filled in, by name."""
    form = _Form()
    form.feed(html)
    return form.sent
