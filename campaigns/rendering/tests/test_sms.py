"""Text messages are counted as providers count them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rendering.sms import BASIC, EXTENSION, count


def test_the_default_alphabet_has_all_its_codes_in_order():
    assert len(BASIC) == len(set(BASIC)) == 128
    # Some that are easily mistaken, by their codes in TS 23.038.
    codes = {"@": 0x00, "£": 0x01, "Ç": 0x09, "\n": 0x0A, "\r": 0x0D, "Δ": 0x10, "\x1b": 0x1B, "É": 0x1F, " ": 0x20, "¤": 0x24, "¡": 0x40, "A": 0x41, "Ä": 0x5B, "§": 0x5F, "¿": 0x60, "a": 0x61, "ä": 0x7B, "à": 0x7F}  # fmt: skip
    assert {char: BASIC.index(char) for char in codes} == codes


@pytest.mark.parametrize("char", BASIC.replace("\x1b", ""))
def test_each_character_of_the_default_alphabet_takes_one_place(char):
    assert count(char) == ("GSM-7", 1, 1, 1, 160, "")


@pytest.mark.parametrize("char", EXTENSION)
def test_each_character_of_the_extension_takes_two(char):
    assert count(char) == ("GSM-7", 1, 2, 1, 160, "")
    assert count(char * 80).segments == 1
    # 153 places hold 76 of them, and one place stays empty.
    assert count(char * 81)[2:5] == (162, 2, 153)
    assert count(char * 152).segments == 2
    assert count(char * 153).segments == 3


@pytest.mark.parametrize("char", ["`", "ł", "ç", "’", "“", "…", "\t", "\x1b", "\xa0", "Α", "😀"])
def test_any_other_makes_all_of_it_unicode(char):
    found = count(f"a{char}")
    assert (found.encoding, found.first_unicode, found.per_segment) == ("UCS-2", char, 70)


@pytest.mark.parametrize(
    ("text", "segments"),
    [("", 0), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("ł" * 70, 1), ("ł" * 71, 2), ("ł" * 134, 2), ("ł" * 135, 3), ("a" * 159 + "€", 2), ("a" * 158 + "€", 1), ("a" * 152 + "€" + "a" * 152, 3), ("a" * 152 + "€" + "a" * 151, 2), ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 66, 2), ("😀" * 67, 3), ("a" * 66 + "😀" + "a" * 66, 3), ("a" * 66 + "😀" + "a" * 65, 2)],
)  # fmt: skip
def test_segments(text, segments):
    assert count(text).segments == segments


@given(st.text(alphabet=[*BASIC[:27], *BASIC[28:], *EXTENSION, "ł", "😀", "\u0301"], max_size=700))
@settings(max_examples=200, deadline=None)
def test_every_text_fits_its_segments_and_no_fewer_than_its_bytes_need(text):
    found = count(text)
    assert found.characters == len(text) <= found.units
    assert (found.segments == 0) == (text == "")
    assert found.segments * found.per_segment >= found.units
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-be")) // 2
    if found.segments == 1:
        assert found.per_segment in (160, 70)
    else:
        # Each part but the last leaves at most one place empty.
        assert found.units > (found.segments - 1) * (found.per_segment - 1)


@given(st.text(alphabet="a€ł😀", max_size=300), st.sampled_from("a€ł😀"))
@settings(max_examples=100, deadline=None)
def test_more_text_never_takes_fewer_segments(text, char):
    assert count(text + char).segments >= count(text).segments
