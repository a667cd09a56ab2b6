"""No regular expression takes long: not those that people write, not those of the program."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from contacts.fields import create_field
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segments import selectors, services
from segments.conditions.patterns import pattern_problem
from segments.engine import biting, lane, struggling
from segments.engine.settle import settle
from segments.models import Membership, Rebuild, Segment
from segments.standing import standing
from segments.tests.language import attribute, definition, event, field
from tests.figures import count

pytestmark = pytest.mark.django_db

LONGEST = 10_000
"""Characters of a contact's text."""
WORST = "(a|b)*a(a|b){100}x"
"""Of so many states that each letter by chance leads to a new one: a microsecond for each letter."""


def by_chance(number: int, letters: str = "ab") -> str:
    return "".join(Random(number).choices(letters, k=LONGEST))


NEVER_FOUND = [
    "(a+)+$",
    "^(a+)+$",
    "(a|a)*$",
    "(a|aa)+$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*a){12}x",
    "((a*)*)*x",
    "(a?){30}a{30}x",
    WORST,
    "(x+x+)+y",
    "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$",
    r"(\w+\s?)*!$",
    "^(a|ab|abc|abcd)*e",
    "(([^x]*x?)*y?)*z",
]
REFUSED = [r"(a)\1", r"(a+)\1+", "(?=a+)+", "(?:a+)+", "a++", "a+?", "(?>a+)", "a{9999}", "(a|b)*a(a|b){200}x", "(" * 100 + ")" * 100 + "{255}"]  # fmt: skip
SECONDS = 2


@pytest.mark.parametrize("pattern", NEVER_FOUND)
def test_postgresql_does_not_go_back_and_forth(pattern):
    """Its engine has no way back for patterns without references, and others are refused."""
    assert pattern_problem(pattern) is None
    texts = [
        "a" * LONGEST + "!",
        "ab" * (LONGEST // 2),
        "x" * LONGEST,
        "a " * (LONGEST // 2),
        by_chance(1),
    ]
    begun = time.monotonic()
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute("SELECT lower(%s) ~ lower(%s)", [text, pattern])
    count("patterns", len(texts))

    assert time.monotonic() - begun < SECONDS


@pytest.mark.parametrize("pattern", REFUSED)
def test_patterns_with_a_way_back_or_without_end_are_refused(pattern):
    assert pattern_problem(pattern)


@pytest.fixture
def people():
    """With long texts; one of them is found by `never`, and nobody by the others."""
    now = current_time()
    create_field(raw={"key": "words", "type": "text"}, now=now)
    rows = [
        ContactRow(
            built_in={"external_id": f"c{n}"},
            attributes={"words": by_chance(n) if n < 5 else "a" * LONGEST},
        )
        for n in range(40)
    ]
    upsert_contacts(rows=rows, now=now)
    record_events(
        rows=[
            EventRow(ContactRef("external_id", f"c{n}"), "Visit", now, f"m{n}", {"page": "a" * 50_000})
            for n in range(10)
        ],
        now=now,
    )  # fmt: skip
    settle(now=now)


def slow_definition() -> dict[str, Any]:
    usual = [pattern for pattern in NEVER_FOUND if pattern != WORST]
    pages = [definition(attribute("page", "text", "matches", one)) for one in usual]
    return definition(
        *(field("words", "matches", pattern) for pattern in usual),
        *(event("Visit", where=page) for page in pages),
        match="any",
    )


def test_live_segments_and_previews_with_such_patterns_keep_up(people, client):
    secret = create_key(name="All", scopes=["read"])[1]
    begun = time.monotonic()
    answer = client.post(
        "/api/v1/segments/preview",
        json.dumps({"definition": slow_definition()}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    previewed = time.monotonic()
    assert answer.status_code == 200, answer.content
    now = current_time()
    services.create_segment(
        key="slow", name="Slow", definition=slow_definition(), author=None, now=now
    )
    settle(now=now)
    built = time.monotonic()
    row = ContactRow(built_in={"external_id": "c0"}, attributes={"words": "b" * LONGEST})
    upsert_contacts(rows=[row], now=now)
    settle(now=now)
    followed = time.monotonic()

    assert previewed - begun < 10  # a tenth, where nothing else runs
    assert built - previewed < 10
    assert followed - built < 5


EASY = definition(field("words", "equals", "found"))


def test_a_segment_that_holds_up_others_is_paused_and_says_so(people, monkeypatch, caplog):
    now = current_time()
    slow = definition(field("words", "matches", WORST))
    for key, tree in (("slow", slow), ("easy", EASY)):
        services.create_segment(key=key, name=key, definition=tree, author=None, now=now)
    settle(now=now)
    monkeypatch.setattr(struggling, "LONGEST_MS", 40)
    texts = {f"c{n}": "found" if n == 7 else by_chance(n + 100) for n in range(80)}
    rows = [
        ContactRow(built_in={"external_id": key}, attributes={"words": text})
        for key, text in texts.items()
    ]
    upsert_contacts(rows=rows, now=now)
    settle(now=now)

    assert dict(Segment.objects.values_list("key", "status")) == {"slow": "paused", "easy": "live"}
    [member] = Membership.objects.filter(segment__key="easy").select_related("contact")
    assert member.contact.external_id == "c7"
    assert "segment slow is paused" in caplog.text
    [described] = selectors.describe([Segment.objects.get(key="slow")])
    assert "took too long" in standing(described).note

    monkeypatch.undo()
    segment = Segment.objects.get(key="slow")
    services.update_segment(segment=segment, status="live", author=None, now=now)
    settle(now=now)
    [described] = selectors.describe([Segment.objects.get(key="slow")])
    assert standing(described).label == "Live"


def test_a_rebuild_that_takes_too_long_ends_with_a_sentence(people, monkeypatch, caplog):
    monkeypatch.setattr(biting, "LONGEST_MS", 1)
    now = current_time()
    services.create_segment(
        key="slow", name="Slow", definition=slow_definition(), author=None, now=now
    )
    settle(now=now)
    rebuild = Rebuild.objects.get()

    assert rebuild.state == "failed"
    assert "over a minute" in rebuild.error
    assert lane.pace.size == lane.LEAST


APPS = ("campaigns", "contacts", "events", "outbound", "segmentflow", "segments")
SIZE = 10_000
ALPHABET = [*"a0 \n\t.-_@<>=\"'*[](){}%|,;:/\\&#", "\0", "é"]


def modules() -> Iterator[ModuleType]:
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if not re.search(r"\.tests|\.migrations|wsgi$", found.name):
                yield importlib.import_module(found.name)


def expressions() -> dict[str, re.Pattern[Any]]:
    """Those that modules have ready."""
    found = {
        id(value): (f"{module.__name__}.{name}", value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    }
    return dict(found.values())


SOURCES = "\n".join(Path(str(module.__file__)).read_text() for module in modules())


def is_searched_for(name: str) -> bool:
    """Anywhere in a text, which costs more than to look whether a text is one as a whole."""
    methods = re.findall(rf"\b{name.rpartition('.')[2]}\.(\w+)\(", SOURCES)
    return not methods or {*methods} > {"fullmatch"} or "fullmatch" not in methods


@pytest.mark.parametrize(("name", "expression"), expressions().items(), ids=[*expressions()])
def test_no_expression_of_ours_takes_long(name, expression):
    """Ten thousand of each sign, and of some in turn, are matched in a moment."""
    look = expression.search if is_searched_for(name) else expression.fullmatch
    pairs = [f"{one}{other}" for one in 'a <"*(&' for other in 'a ="*)>\n']
    for piece in [*ALPHABET, *pairs, "<a ", "a@", "**a", "{{ ", "{% x", "a=b ", "--", "a.b"]:
        for end in ("", "\x01"):
            text: Any = piece * (SIZE // len(piece)) + end
            if isinstance(expression.pattern, bytes):
                text = text.encode()
            begun = time.process_time()
            look(text)
            spent = time.process_time() - begun
            assert spent < 0.5, (name, piece, end, spent)
    count("expressions of the program")
