"""What a browser would send of a form, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
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
        is_ticked = given.get("type") in ("checkbox", "radio")
        if is_ticked and "checked" not in given:
            return
        usual = "on" if is_ticked else ""
        value = sanitized(given.get("type") or "text", given.get("value") or usual)
        self.sent.setdefault(given["name"] or "", []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = self._chosen or ([self._first] if self._first is not None else [])
            self.sent.setdefault(self._select, []).extend(chosen)
            self._select = None


def sanitized(type_: str, value: str) -> str:
    """What browsers make of a value before anybody has touched it."""
    match type_:
        case "text":
            return value.replace("\r", "").replace("\n", "")
        case "date":
            return value if _read(date.fromisoformat, value) else ""
        case "datetime-local":
            moment = _read(datetime.fromisoformat, value)
            # The shortest way to write it.
            return re.sub(r"(T\d\d:\d\d):00$", r"\1", value) if moment else ""
        case _:
            return value


def _read(read: Callable[[str], object], value: str) -> object:
    try:
        return read(value)
    except ValueError:
        return None


def sent_by(html: str) -> dict[str, list[str]]:
    """The values of every control that is filled in, by name."""
    form = _Form()
    form.feed(html)
    return form.sent
