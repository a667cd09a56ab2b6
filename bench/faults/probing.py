"""Asks for pages all the time, and keeps what they say: honest is no answer at all, or what is wrong and when to come again."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from html import unescape

from tests.system.browsing import Person
from tests.system.load import Answer, Client

EVERY_SECONDS = 0.25
PAGES = ("/", "/freshness", "/segments", "/contacts")
API = "api /status"
UNAVAILABLE = (503, 507)
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
BANNER = re.compile(r'<span class="dot dot-(?:bad|busy)"></span>(.*)')
NUMBERS = re.compile(r"[\d,]+")


class Prober:
    def __init__(self, person: Person, client: Client) -> None:
        self._person, self._client = person, client
        self._said: Counter[str] = Counter()
        self._wrong: list[str] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_all, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(30)

    def seen(self) -> tuple[Counter[str], list[str]]:
        """What was said since the last time, and what should not have been."""
        with self._lock:
            said, wrong = self._said, self._wrong
            self._said, self._wrong = Counter(), []
        return said, wrong

    def _ask_all(self) -> None:
        turn = 0
        while not self._ended.wait(EVERY_SECONDS):
            path = (*PAGES, API)[turn % (len(PAGES) + 1)]
            turn += 1
            if path == API:
                answer = self._client.ask("GET", "/status", seconds=10)
            else:
                answer = self._person.ask(path)
            with self._lock:
                self._said[said_by(answer, path)] += 1
                if problem := dishonest(answer, path):
                    self._wrong.append(problem)


def said_by(answer: Answer, where: str) -> str:
    """In few words, so that many answers can be counted."""
    if answer.status is None:
        return "no answer"
    if answer.status < 400:
        banner = BANNER.search(answer.body.decode(errors="replace")) if where == PAGES[1] else None
        return NUMBERS.sub("n", unescape(banner[1]).strip()) if banner else "fine"
    return f"{answer.status} {title_of(answer)}"


def dishonest(answer: Answer, where: str) -> str:
    """What is wrong with an answer; empty when nothing is. `where`: an address, or `api` and one."""
    if answer.status is None or answer.status < 500:
        if answer.status is not None and answer.status >= 400 and answer.status != 429:
            return f"{where}: {answer.status} {title_of(answer)}"
        return ""
    if answer.status not in UNAVAILABLE:
        return f"{where}: {answer.status}"
    if not answer.headers.get("retry-after", "").isdigit():
        return f"{where}: {answer.status} without Retry-After"
    if where.startswith("api"):
        kind = answer.headers.get("content-type", "")
        if not kind.startswith("application/problem+json") or not json.loads(answer.body)["detail"]:
            return f"{where}: {answer.status} as {kind}"
    elif not title_of(answer):
        return f"{where}: {answer.status} without a sentence"
    return ""


def title_of(answer: Answer) -> str:
    text = answer.body.decode(errors="replace")
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        return str(json.loads(text)["title"])
    found = HEADING.search(text)
    return unescape(found[1]).strip() if found else ""
