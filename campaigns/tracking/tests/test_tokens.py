"""Tokens say whose message it is, and nobody else can make one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.keys import MessageKey
from campaigns.tracking.tokens import LARGEST, Kind, read, sign

KEY = MessageKey(1_234_567, 89, 1_011)
ids = st.integers(min_value=0, max_value=LARGEST)
keys = st.builds(MessageKey, ids, ids, ids)


@given(kind=st.sampled_from(Kind), key=st.none() | keys, extra=st.text())
def test_what_was_signed_is_read(kind, key, extra):
    token = sign(kind, key, extra)

    found = read(kind, token, extra)

    assert found is not None
    assert found.key == key
    assert len(token) <= 72


@given(kind=st.sampled_from(Kind), other=st.sampled_from(Kind), key=keys)
def test_kinds_cannot_be_exchanged(kind, other, key):
    assert (read(other, sign(kind, key)) is not None) == (kind is other)


@given(key=keys, extra=st.text(), other=st.text())
def test_what_was_signed_along_cannot_change(key, extra, other):
    assert (read(Kind.CLICK, sign(Kind.CLICK, key, extra), other) is None) == (extra != other)


@given(data=st.data(), key=keys)
def test_no_other_token_is_one(data, key):
    token = sign(Kind.OPEN, key)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters())
    changed = token[:place] + letter + token[place + 1 :]

    assert changed == token or read(Kind.OPEN, changed) is None
    assert read(Kind.OPEN, token[:place]) is None
    assert read(Kind.OPEN, token + letter) is None


@pytest.mark.parametrize("token", ["", "a", "====", "x" * 5_000, "é" * 40, "AAAA", "A" * 40])
def test_nonsense_is_no_token(token):
    assert read(Kind.OPEN, token) is None


def test_a_test_of_one_kind_is_not_a_test_of_another():
    token = sign(Kind.UNSUBSCRIBE, None)

    assert read(Kind.OPEN, token) is None
    assert read(Kind.UNSUBSCRIBE, token).key is None


def test_another_installation_signs_otherwise(settings):
    token = sign(Kind.OPEN, KEY)
    settings.SECRET_KEY = "another key"  # noqa: S105

    assert read(Kind.OPEN, token) is None


def test_a_new_key_leaves_the_links_of_sent_messages_working(settings):
    token = sign(Kind.UNSUBSCRIBE, KEY)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"  # noqa: S105

    assert read(Kind.UNSUBSCRIBE, token).key == KEY
    assert sign(Kind.UNSUBSCRIBE, KEY) != token


def test_a_token_is_short():
    assert len(sign(Kind.CLICK, KEY)) <= 35
