"""Browsers in a few words."""

from __future__ import annotations

import pytest

from segmentflow.signin.codes import digest, is_recovery_code, new_codes, normal
from segmentflow.visitors import browser_in

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/140.0", "Edge on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("curl/8.5.0", "Curl"),
        ("", "Unknown program"),
        ("<script>", "Unknown program"),
    ],
)
def test_a_browser_is_told_in_a_few_words(agent, words):
    assert browser_in(agent) == words


def test_recovery_codes_differ_and_forgive_how_they_are_typed():
    codes = new_codes()

    assert len({digest(code) for code in codes}) == 10
    assert normal(" ABcd-0189 ") == "abcdol9".replace("9", "b9")
    assert is_recovery_code(codes[0].upper().replace("-", " "))
    assert not is_recovery_code("123456")
