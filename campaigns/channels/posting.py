"""An email as the bytes that a mail server takes: what Django's machinery makes, in a tenth of its time.

Headers that are short and plain stand as they are; all others go through Django and the standard
library, which refuse line breaks, encode and fold. Bodies are quoted-printable (by the encoder in C),
or base64 where that is shorter, so no server needs 8BITMIME, and no line is too long.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.policy import compat32
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from django.core.mail.message import forbid_multi_line_headers

from campaigns.channels.handing import Email

POLICY: Final = compat32.clone(linesep="\r\n")
ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
"""Nearly every one: it can go as it is."""
PLAIN: Final = re.compile(r"[!-~](?:[ -~]{0,68}[!-~])?")
LINK: Final = re.compile(r"<[!-;=?-~]{1,900}>")
"""Has nowhere to be folded, and is no list of addresses."""
QUIET: Final = re.compile(r"(?:[\t -~]{0,998}\n)*[\t -~]{0,998}")
LINE_BREAK: Final = re.compile(r"\r\n?|\n")


def posted(email: Email, *, now: datetime, headers: Mapping[str, str]) -> bytes:
    """Plain text first, HTML as the alternative. Raises ValueError when a header has a line break."""
    named = {
        "Subject": email.subject,
        "From": email.sender,
        "To": email.to,
        **({"Reply-To": email.reply_to} if email.reply_to else {}),
        **email.headers,
        **headers,
        "Date": format_datetime(now),
    }
    head = "".join(_header(name, value) for name, value in named.items())
    return head.encode("ascii") + b"".join(_bodies(email))


def _bodies(email: Email) -> Iterator[bytes]:
    yield b"MIME-Version: 1.0\r\n"
    if not email.html:
        yield from _body("plain", email.text)
        return
    # No quoted-printable text has it, nor does base64.
    border = f"=_{secrets.token_hex(16)}".encode()
    yield b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % border
    for kind, text in (("plain", email.text), ("html", email.html)):
        yield b"--%s\r\n" % border
        yield from _body(kind, text)
        yield b"\r\n"
    yield b"--%s--\r\n" % border


def _body(kind: str, text: str) -> Iterator[bytes]:
    encoding, content = _encoded(LINE_BREAK.sub("\n", text))
    yield f'Content-Type: text/{kind}; charset="utf-8"\r\n'.encode()
    yield f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    yield content.replace(b"\n", b"\r\n")


def _encoded(text: str) -> tuple[str, bytes]:
    if text.isascii() and QUIET.fullmatch(text):
        return "7bit", text.encode()
    # A half of a pair in UTF-16 is no letter.
    raw = text.encode("utf-8", "replace")
    if len(raw) - len(text) > len(raw) // 8:
        return "base64", base64.encodebytes(raw.replace(b"\n", b"\r\n"))
    return "quoted-printable", binascii.b2a_qp(raw)


def _header(name: str, value: str) -> str:
    is_short = ADDRESS if name in ("From", "To", "Reply-To") else PLAIN
    if is_short.fullmatch(value) or LINK.fullmatch(value):
        return f"{name}: {value}\r\n"
    return _folded(name, value)


@lru_cache(maxsize=256)
def _folded(name: str, value: str) -> str:
    return POLICY.fold(*forbid_multi_line_headers(name, value, "utf-8"))
