"""Email by SMTP, with a mail server that fails at each step in turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiosmtpd.smtp import AuthResult

from campaigns.channels.adapters import WayFacts
from campaigns.channels.handing import Email, Outcome
from campaigns.channels.mail import MailCarrier
from campaigns.channels.replies import of_recipient
from campaigns.channels.tests.servers import free_port, mail_server
from campaigns.keys import MessageKey

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
TO = "Anna@example.com"


@pytest.fixture
def server():
    with mail_server() as one:
        yield one


def carrier(port, **changes):
    given = {"password": changes.pop("password")} if "password" in changes else {}
    config = {"host": "127.0.0.1", "port": str(port), "security": "none", **changes}
    way = WayFacts("email", "smtp", config, given=given)
    return MailCarrier(way, lambda: NOW, timeout=0.3)


def email(number=0, **changes):
    parts = {
        "to": TO,
        "sender": "Żółw <shop@example.com>",
        "reply_to": "help@example.com",
        "subject": "Zażółć gęślą jaźń",
        "html": "<p>Hello ✓</p>",
        "text": "Hello ✓\n.\n.one dot",
        "headers": {"List-Unsubscribe": "<https://example.com/u>"},
    }
    return Email(key=MessageKey(7, 3, number), **{**parts, **changes})


def hand(server, *messages):
    with carrier(server.port) as open_one:
        return [open_one.hand(message) for message in messages or [email()]]


def test_what_arrives_is_what_was_handed_over(server, settings):
    settings.PUBLIC_URL = "https://news.example.com"
    [handed] = hand(server)
    assert handed.outcome == Outcome.ACCEPTED
    [taken] = server.taken
    assert server.recipients == [TO]
    assert taken["Message-ID"] == handed.provider_id
    assert handed.provider_id.endswith("@news.example.com>")
    assert (taken["Subject"], taken["Reply-To"]) == ("Zażółć gęślą jaźń", "help@example.com")
    assert taken["From"] == "Żółw <shop@example.com>"
    assert taken["Date"].datetime == NOW
    assert taken["List-Unsubscribe"] == "<https://example.com/u>"
    assert taken.get_content_type() == "multipart/alternative"
    text, html = taken.iter_parts()
    assert text.get_content().replace("\r\n", "\n").strip() == "Hello ✓\n.\n.one dot"
    assert html.get_content().strip() == "<p>Hello ✓</p>"


def test_one_connection_carries_many_messages(server):
    assert {handed.outcome for handed in hand(server, *map(email, range(5)))} == {Outcome.ACCEPTED}
    assert (server.connections, len(server.taken)) == (1, 5)
    assert len({taken["Message-ID"] for taken in server.taken}) == 5


def test_a_second_try_has_the_same_message_id(server):
    first, second = hand(server, email(), email())
    assert first.provider_id == second.provider_id


@pytest.mark.parametrize(
    ("step", "answer", "outcome", "everybody", "bad"),
    [
        ("MAIL", "451 try later", Outcome.LATER, True, False),
        ("MAIL", "550 who are you", Outcome.LATER, True, False),
        ("MAIL", "530 5.7.0 Authentication required", Outcome.LATER, True, False),
        ("RCPT", "450 4.2.0 Greylisted", Outcome.LATER, False, False),
        ("RCPT", "421 closing", Outcome.LATER, True, False),
        ("RCPT", "550 5.1.1 No such user Anna@example.com", Outcome.REFUSED, False, True),
        ("RCPT", "550 no such user", Outcome.REFUSED, False, True),
        ("RCPT", "550 rejected", Outcome.REFUSED, False, False),
        ("RCPT", "550 5.7.1 Blocked by policy", Outcome.REFUSED, False, False),
        ("RCPT", "552 5.2.2 Mailbox full", Outcome.REFUSED, False, False),
        ("RCPT", "554 5.7.1 Relay access denied", Outcome.LATER, True, False),
        ("DATA", "451 no space", Outcome.LATER, False, False),
        ("DATA", "554 no", Outcome.REFUSED, False, False),
        ("CONTENT", "452 4.3.1 no space", Outcome.LATER, False, False),
        ("CONTENT", "554 5.6.0 looks like spam", Outcome.REFUSED, False, False),
        ("CONTENT", "550 5.1.1 no mailbox", Outcome.REFUSED, False, True),
    ],
)
def test_each_answer_means_what_it_says(server, step, answer, outcome, everybody, bad):
    server.say(step, answer)
    first, second = hand(server, email(1), email(2))
    assert first.outcome == outcome
    assert (first.is_everybody, first.is_bad_address) == (everybody, bad)
    assert first.error[:3] == answer[:3]
    assert "anna@" not in first.error.lower()
    # Whatever was wrong with one, the next one leaves.
    assert second.outcome == Outcome.ACCEPTED
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("reply", "is_bad"),
    [
        ("550 sorry, no mailbox here by that name. (#5.1.1)", True),
        ("550 Unrouteable address", True),
        ("550 No Such User Here", True),
        ("550 Mailbox <anna@example.com> does not exist", True),
        ("550 User unknown in local recipient table", True),
        ("550 5.1.0 anna@example.com: user unknown", True),
        ("550 5.2.1 The email account that you tried to reach is inactive", True),
        ("550 5.2.1 The user is receiving mail at a rate that prevents more", False),
        ("550 Blocked, see https://bl.example/lookup?ip=5.1.1.7", False),
        ("550 5.1.8 sender address does not exist", False),
        ("550 Sender verify failed: unknown user", False),
        ("550 Requested action not taken: mailbox unavailable", False),
        ("550 Administrative prohibition", False),
        ("550 5.4.1 Recipient address rejected: Access denied", False),
        ("551 User not local", False),
        ("553 sorry, your envelope sender domain must exist", False),
        ("553 Mail from 203.0.113.9 not allowed - listed in RBL, unknown user", False),
        ("554 no such user", False),
    ],
)
def test_only_a_mailbox_that_certainly_does_not_exist_is_suppressed(reply, is_bad):
    code, _, text = reply.partition(" ")
    handed = of_recipient((int(code), text.encode()), "anna@example.com")
    assert (handed.outcome, handed.is_bad_address) == (Outcome.REFUSED, is_bad)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("MAIL", Outcome.LATER),
        ("RCPT", Outcome.LATER),
        ("DATA", Outcome.LATER),
        ("CONTENT", Outcome.UNCLEAR),
    ],
)
def test_a_connection_that_breaks_is_unclear_only_after_the_content(server, step, outcome):
    server.say(step, "close")
    first, second = hand(server, email(1), email(2))
    assert first.outcome == outcome
    assert first.is_everybody == (outcome == Outcome.LATER)
    assert second.outcome == Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("step", "outcome", "called"),
    [
        ("MAIL", Outcome.LATER, "the sender"),
        ("RCPT", Outcome.LATER, "the recipient"),
        ("CONTENT", Outcome.UNCLEAR, "the message"),
    ],
)
def test_a_server_that_hangs_is_left_after_a_while(server, step, outcome, called):
    server.say(step, "hang")
    [handed] = hand(server)
    assert handed.outcome == outcome
    assert handed.error == f"The server did not answer to {called} within 0.3 seconds."


@pytest.mark.parametrize("answer", ["close", "421 too many messages"])
def test_a_connection_that_died_meanwhile_is_made_anew(server, answer):
    with carrier(server.port) as open_one:
        open_one.hand(email(1))
        server.say("MAIL", answer)
        assert open_one.hand(email(2)).outcome == Outcome.ACCEPTED
    assert server.connections == 2


def test_nobody_there_concerns_everybody():
    with carrier(free_port()) as open_one:
        handed = open_one.hand(email())
    assert (handed.outcome, handed.is_everybody) == (Outcome.LATER, True)
    assert handed.error == "The server refused the connection."


def test_a_wrong_password_concerns_everybody_and_is_not_told():
    options = {
        "auth_require_tls": False,
        "authenticator": lambda server, session, envelope, mechanism, data: AuthResult(
            success=data.password == b"right", handled=False
        ),
    }
    with mail_server(**options) as server:
        with carrier(server.port, username="shop", password="wrong-one") as open_one:
            handed = open_one.hand(email())
        assert (handed.outcome, handed.is_everybody) == (Outcome.LATER, True)
        assert "did not accept the user or the password" in handed.error
        assert "wrong-one" not in handed.error
        with carrier(server.port, username="shop", password="right") as open_one:
            assert open_one.hand(email()).outcome == Outcome.ACCEPTED


def test_encryption_that_is_not_offered_keeps_everything_here(server):
    for security in ("starttls", "ssl"):
        with carrier(server.port, security=security) as open_one:
            handed = open_one.hand(email())
        assert (handed.outcome, handed.is_everybody) == (Outcome.LATER, True)
        assert "encryption" in handed.error
    assert server.taken == []


def test_line_breaks_never_become_headers(server):
    handed = hand(
        server, email(1, subject="Hi\r\nBcc: all@example.com"), email(2, to="a@example.com\nX: y")
    )
    assert {one.outcome for one in handed} == {Outcome.REFUSED}
    assert server.taken == []
