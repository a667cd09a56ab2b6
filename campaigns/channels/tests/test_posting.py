"""Whatever stands in an email arrives as it was, in headers and lines that mail servers take."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.channels.handing import Email
from campaigns.channels.posting import posted

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"),
    min_size=1,
    max_size=1200,
)
LINES = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=120
)


def made(**changes):
    usual = {
        "to": "anna@example.com",
        "sender": "Shop <shop@example.com>",
        "reply_to": "",
        "subject": "Hello",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "headers": {"List-Unsubscribe": "<https://shop.example/" + "x" * 200 + ">"},
    }
    email = Email(key=None, **usual | changes)
    return posted(email, now=NOW, headers={"Message-ID": "<1@example.com>"})


@settings(max_examples=40, deadline=None)
@given(subject=LINES, html=TEXTS, text=TEXTS)
@example(subject="x" * 400, html="é" * 3_000, text=".\n..\nFrom me \n=20\t")
@example(subject="=", html="a" * 5_000, text="b" * 997 + " c\r\nd\re")
def test_it_arrives_as_it_was(subject, html, text):
    raw = made(subject=subject, html=html, text=text)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = message_from_bytes(raw, policy=policy.default)
    assert found.defects == []
    assert " ".join(found["Subject"].split()) == " ".join(subject.split())
    for part, wanted in zip(found.iter_parts(), (text, html), strict=True):
        content = part.get_payload(decode=True).decode().replace("\r\n", "\n")
        assert content == wanted.replace("\r\n", "\n").replace("\r", "\n")


def test_headers_stand_as_mail_servers_want_them():
    found = message_from_bytes(made(sender='"Zółw, Ltd" <a@b.example>'), policy=policy.default)
    assert found["From"].addresses[0].addr_spec == "a@b.example"
    assert found["List-Unsubscribe"].startswith("<https://shop.example/xxx")
    assert found["Date"].datetime == NOW
    assert "Reply-To" not in found


def test_without_html_there_is_one_part():
    found = message_from_bytes(made(html=""), policy=policy.default)
    assert (found.get_content_type(), found.get_content().strip()) == ("text/plain", "Hello")


@pytest.mark.parametrize("name", ["to", "sender", "reply_to", "subject"])
@pytest.mark.parametrize("line", ["\nBcc: all@example.com", "\r\nX: y", "\r\n\r\nbody"])
def test_no_line_break_gets_into_a_header(name, line):
    with pytest.raises(ValueError, match="newline"):
        made(**{name: f"a@example.com{line}"})
