"""Email through a mail server: SMTP, one connection for many messages."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from types import TracebackType
from typing import Final, Self, cast

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from campaigns.channels import replies
from campaigns.channels.adapters import Adapter, Clock, Field, WayFacts
from campaigns.channels.environment import PLAIN, SSL, STARTTLS
from campaigns.channels.handing import Email, Handed, Outbound, Outcome
from campaigns.channels.posting import ADDRESS, posted
from campaigns.channels.writing import message_id, said
from contacts.models import Channel
from contacts.problems import Problem

TIMEOUT: Final = 30
"""Seconds that a server may take for any of its answers, unless the way has less patience."""
OLDEST: Final = 500
"""After so many messages a new connection is made, before the server wants it."""
DOT: Final = re.compile(rb"(?m)^\.")
LOST = (smtplib.SMTPServerDisconnected, OSError)

FIELDS: Final = (
    Field("host", "Server", is_required=True, longest=255, help="Such as smtp.example.com."),
    Field("port", "Port", kind="number", is_required=True, default="587"),
    Field(
        "security",
        "Encryption",
        kind="choice",
        is_required=True,
        choices=(
            (STARTTLS, "STARTTLS (port 587)"),
            (SSL, "TLS from the start (port 465)"),
            (PLAIN, "None"),
        ),
        default=STARTTLS,
        help="Without it, passwords and messages can be read on their way.",
    ),
    Field("username", "User", longest=255, help="Empty for servers that ask for none."),
    Field("password", "Password", is_secret=True),
)


class _Ends(Exception):
    """The message's way ends here, with this outcome."""

    def __init__(self, handed: Handed) -> None:
        self.handed = handed


class MailCarrier:
    """Hands over email by SMTP, and tells at which step it ended."""

    def __init__(self, way: WayFacts, clock: Clock, *, timeout: float | None = None) -> None:
        security = way.text("security", PLAIN)
        self._clock = clock
        self._handed = 0
        self._timeout = timeout or way.patience or TIMEOUT
        self._backend = EmailBackend(
            host=way.text("host"),
            port=int(way.text("port", "25")),
            username=way.text("username"),
            password=way.secrets.get("password", ""),
            use_tls=security == STARTTLS,
            use_ssl=security == SSL,
            timeout=self._timeout,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def hand(self, message: Outbound) -> Handed:
        assert isinstance(message, Email)  # noqa: S101 - the channel's messages are
        own_id = message_id(message.key)
        try:
            sender, recipient, content = self._prepared(message, own_id)
            server = self._begin(sender)
            self._name_recipient(server, recipient, message.to)
            self._send(server, content, message.to)
        except _Ends as end:
            return end.handed
        self._handed += 1
        return Handed(Outcome.ACCEPTED, provider_id=own_id)

    def _prepared(self, email: Email, own_id: str) -> tuple[str, str, bytes]:
        """The envelope's sender and recipient, and the message."""
        try:
            content = posted(email, now=self._clock(), headers={"Message-ID": own_id})
            sender, recipient = _mailbox(email.sender), _mailbox(email.to)
        except ValueError as error:
            words = f"It cannot be written as an email: {said(error, address=email.to)}"
            raise _Ends(Handed(Outcome.REFUSED, error=words)) from None
        if "=?" in recipient or not recipient.isascii():
            words = "Mail servers do not take addresses with such letters before the @."
            raise _Ends(Handed(Outcome.REFUSED, error=words))
        return sender, recipient, DOT.sub(b"..", content)

    def _begin(self, sender: str) -> smtplib.SMTP:
        """The server, with the sender named; on a new connection when the old one has died."""
        if self._handed >= OLDEST:
            self._close()
        is_used = self._backend.connection is not None
        step = "the connection"
        try:
            server = self._connected()
            step = "the sender"
            reply = server.mail(sender)
        except LOST as error:
            self._drop()
            if is_used:
                return self._begin(sender)
            raise self._lost(error, Outcome.LATER, step) from None
        if reply[0] == 250:
            return server
        self._reset(server)
        if is_used and reply[0] == replies.CLOSING:
            self._close()
            return self._begin(sender)
        raise _Ends(replies.of_sender(reply))

    def _connected(self) -> smtplib.SMTP:
        try:
            self._backend.open()
            server = cast(smtplib.SMTP, self._backend.connection)
            server.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            self._close()
            words = f"The server did not accept the user or the password: {_reply(error)}"
            raise _Ends(Handed(Outcome.LATER, error=said(words), is_everybody=True)) from None
        except smtplib.SMTPResponseException as error:
            self._close()
            raise _Ends(Handed(Outcome.LATER, error=_reply(error), is_everybody=True)) from None
        return server

    def _name_recipient(self, server: smtplib.SMTP, recipient: str, address: str) -> None:
        try:
            reply = server.rcpt(recipient)
        except LOST as error:
            self._drop()
            raise self._lost(error, Outcome.LATER, "the recipient") from None
        if reply[0] not in (250, 251):
            self._reset(server)
            raise _Ends(replies.of_recipient(reply, address))

    def _send(self, server: smtplib.SMTP, content: bytes, address: str) -> None:
        try:
            server.putcmd("data")
            reply = server.getreply()
        except LOST as error:
            self._drop()
            raise self._lost(error, Outcome.LATER, "the announcement of the message") from None
        if reply[0] != 354:
            self._reset(server)
            raise _Ends(replies.of_content(reply, address))
        try:
            # At once: a short packet behind another one waits until the first has been acknowledged.
            end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
            server.send(content + end)
            reply = server.getreply()
        except LOST as error:
            # From here on the server may have taken it.
            self._drop()
            raise self._lost(error, Outcome.UNCLEAR, "the message") from None
        if reply[0] != 250:
            self._reset(server)
            raise _Ends(replies.of_content(reply, address))

    def _lost(self, error: Exception, outcome: Outcome, step: str) -> _Ends:
        words = _lost(error) or (
            f"The server did not answer to {step} within {self._timeout:g} seconds."
        )
        return _Ends(Handed(outcome, error=said(words), is_everybody=outcome == Outcome.LATER))

    def _reset(self, server: smtplib.SMTP) -> None:
        """So that the next message can begin, on this connection or on a new one."""
        try:
            if server.rset()[0] != 250:
                self._close()
        except LOST:
            self._drop()

    def _drop(self) -> None:
        """Without a word, because nobody listens any more."""
        self._handed = 0
        for name in ("connection", "_partial_connection"):
            if connection := getattr(self._backend, name):
                connection.close()
            setattr(self._backend, name, None)

    def _close(self) -> None:
        self._handed = 0
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._backend.close()
        self._drop()


@lru_cache(maxsize=16)
def _parsed(address: str) -> str:
    """Django writes names of hosts as DNS has them."""
    return str(sanitize_address(address, "utf-8")).rpartition("<")[2].rstrip(">")


def _mailbox(address: str) -> str:
    """Without the name before it; nearly every one can go as it is."""
    return address if ADDRESS.fullmatch(address) else _parsed(address)


def _reply(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return said(f"{error.smtp_code} {text}")


def _lost(error: Exception) -> str:
    """Empty: nothing came in time."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"The server’s certificate is not valid: {error.verify_message}"
        case ssl.SSLError():
            return "The server and we found no common encryption; is the port the right one?"
        case smtplib.SMTPNotSupportedError():
            return "The server does not offer the encryption or the sign-in that is set."
        case TimeoutError() | smtplib.SMTPServerDisconnected() if "timed out" in str(error):
            return ""
        case ConnectionRefusedError():
            return "The server refused the connection."
        case socket.gaierror():
            return "The server’s name is not known."
        case _:
            return f"The connection was lost: {error}"


def _problems(way: WayFacts) -> Sequence[Problem]:
    if way.text("username") and not way.secrets.get("password"):
        return [Problem("password", "missing", "A user has a password, too.")]
    return ()


ADAPTERS: Final = (
    Adapter(
        name="smtp",
        label="Mail server (SMTP)",
        channel=Channel.EMAIL.value,
        open=MailCarrier,
        fields=FIELDS,
        about="Any mail server. It tells of bad addresses only while it takes a message.",
        problems=_problems,
        at_once=4,
    ),
)
