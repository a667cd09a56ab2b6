"""Which addresses can be sent to, as SQL decides it for the audience and for sending alike."""

from __future__ import annotations

import pytest
from django.db import connection

from campaigns.rendering.phones import phone_of

pytestmark = pytest.mark.django_db
LONG = "a" * 63


def asked(function, *values):
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({places})", values)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "Ada.Lovelace+news@mail.example.co.uk",
        "o'neil_{x}@sub-domain.example",
        "żółw@przykład.pl",
        "a@xn--przykad-rjb.pl",
        f"{LONG}a@example.com",
        f"a@{LONG}.{LONG}.com",
    ],
)
def test_a_mailbox_is_taken_as_it_is(address):
    assert asked("campaigns_email", address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@example.c",
        "ada@example.12",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam_ple.com",
        "ada@.com",
        "ada@example..com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada lovelace@example.com",
        "ada@example.com ",
        "ada@example.com\nBcc: x@example.com",
        "ada@example.com,bob@example.com",
        "<ada@example.com>",
        '"ada"@example.com',
        "ada\\@example.com",
        "two@at@example.com",
        f"{LONG}aa@example.com",
        f"a@{LONG}a.com",
        f"a@b.{LONG}a.com",
        f"a@b.{LONG}a",
        "a@" + "b." * 130 + "com",
    ],
)
def test_what_is_no_mailbox_is_none(address):
    assert asked("campaigns_email", address) is None


@pytest.mark.parametrize(
    ("number", "country_code", "read"),
    [
        ("+48 600 100 200", "", "+48600100200"),
        ("+48 600 100 200", "49", "+48600100200"),
        ("(+48) 600-100.200", "", "+48600100200"),
        ("0048 600 100 200", "", "+48600100200"),
        ("0 0 48 600 100 200", "", "+48600100200"),
        ("0600 100 200", "48", "+48600100200"),
        ("600\u00a0100/200", "48", "+48600100200"),
        ("00000 48 600", "48", None),
        ("600 100 200", "", None),
        ("+0600100200", "48", None),
        ("+48 600 100 200 ext 3", "", None),
        ("+1234567890123456", "", None),
        ("12", "48", None),
        ("", "48", None),
        ("+48600100200\n", "", "+48600100200"),
    ],
)
def test_numbers_are_read_as_the_whole_world_writes_them(number, country_code, read):
    assert asked("campaigns_phone", number, country_code) == read
    assert phone_of(number, country_code) == (read or "")


def test_every_space_is_passed_over_whatever_the_locale_of_the_database():
    spaces = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())

    assert asked("campaigns_phone", f"+48{spaces}600100200", "") == "+48600100200"
    assert phone_of(f"+48{spaces}600100200", "") == "+48600100200"
