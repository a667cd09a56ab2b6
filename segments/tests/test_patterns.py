"""The part of regular expressions that PostgreSQL and Python share."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from segments.conditions.patterns import pattern_problem

RIGHT = [
    "gold",
    "^4[89]",
    "a.c",
    "colou?r",
    "^(gold|plat)",
    "o{1}l",
    "a{2,}",
    "a{0,255}",
    r"^\d{2}-\d{3}$",
    r"[\d\w\s.-]+",
    r"[^a-z]",
    "[A-Z]",
    "[-a]",
    "[a-]",
    r"[\]\[]",
    r"\.\*\(\)\{\}\\",
    r"\ \_\-\/",
    "(a*)*",
    "a|",
    "()",
    "[a^]",
    "zażółć",
    "[ą-ż]",
    "x" * 200,
]


@pytest.mark.parametrize("pattern", RIGHT)
def test_shared_patterns_are_allowed(pattern):
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("x" * 201, "200"),
        ("(a", "never closed"),
        ("a)", "never opened"),
        ("[a", "never closed"),
        ("[]", "holds nothing"),
        ("[]a]", "holds nothing"),
        ("[^]a]", "holds nothing"),
        ("a]", r"\]"),
        ("a}", r"\}"),
        ("a{", r"\{"),
        ("a{,3}", r"\{"),
        ("a{x}", r"\{"),
        ("a{1,2,3}", r"\{"),
        ("a{²}", r"\{"),
        ("a{3,2}", "from less to more"),
        ("a{256}", "255"),
        ("a{1,256}", "255"),
        ("*a", "nothing before"),
        ("a|*", "nothing before"),
        ("(+)", "nothing before"),
        ("^*", "nothing before"),
        ("{3}", "nothing before"),
        ("***=a", "nothing before"),
        ("a*?", "lazy"),
        ("a+?", "lazy"),
        ("a??", "lazy"),
        ("a{2}?", "lazy"),
        ("a++", "possessive"),
        ("a**", "repetition"),
        ("a{2}{3}", "nothing before"),
        ("(?:a)", "“(?”"),
        ("(?=a)", "look-ahead"),
        ("(?<=a)", "look-behind"),
        ("(?i)a", "options"),
        (r"(a)\1", "references back"),
        (r"\bword", "“\\b”"),
        (r"\Aword", "“\\A”"),
        (r"\x41", "“\\x”"),
        (r"\n", "“\\n”"),
        (r"\D", r"[^\d]"),
        (r"[\W]", r"[^\w]"),
        ("a\\", "single backslash"),
        ("[a\\", "single backslash"),
        ("[[:alpha:]]", "[:alpha:]"),
        ("[a-c-e]", r"\-"),
        (r"[\d-z]", "one character to another"),
        (r"[a-\d]", "one character to another"),
        ("[z-a]", "backwards"),
        ("[Z-a]", "capital"),
        ("[A-z]", "capital"),
        ("[a&&b]", "once"),
        ("(a{255}){255}", "too much"),
        ("(((a{9}){9}){9}){9}", "too much"),
        ("(a?){255}" * 2, "too much"),
        ("a{255}" * 4, "too much"),
    ],
)
def test_what_is_not_shared_is_named(pattern, named):
    problem = pattern_problem(pattern)

    assert problem is not None
    assert named in problem


def matched_by_postgresql(pattern: str, text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s, lower(%s) ~ lower(%s)", [text, pattern, text, pattern])
        row = cursor.fetchone()
        assert row is not None
        return bool(row[0])


@pytest.mark.django_db
@given(
    pattern=st.lists(
        st.sampled_from(
            ["a", "Z", "1", "_", "ż", " ", "-", "^", "$", ".", "*", "+", "?", "|", "(", ")", "["]
        )
        | st.sampled_from(
            ["]", "[^", "a-c", "A-Z", "{", "}", "{2}", "{1,3}", "{0}", "\\", "\\d", "\\s", "\\w"]
        )
        | st.sampled_from([":", ",", "=", "!", "#", "&", "~", "<", "\n", "\\-", "\\."]),
        max_size=12,
    ).map("".join),
    text=st.text("aZ1_ż -.\\", max_size=6),
)
def test_allowed_patterns_find_the_same_in_both(pattern, text):
    if pattern_problem(pattern) is None:
        assert matched_by_postgresql(pattern, text) == bool(re.search(pattern, text))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern", [*RIGHT, "(a?){255}x", r"((\w|\d){1,10}){1,9}", "^.{1,255}@.{1,255}$"]
)
def test_postgresql_takes_what_is_allowed(pattern):
    assert pattern_problem(pattern) is None
    matched_by_postgresql(pattern, "some text, 12-345 gold")
