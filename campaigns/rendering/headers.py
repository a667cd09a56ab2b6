"""What stands in headers of an email: one line each, whatever values hold."""

from __future__ import annotations

import re
from email.utils import formataddr
from typing import Final

LONGEST_SUBJECT: Final = 900
LONGEST_ADDRESS: Final = 254

# All line breaks and control characters, and what turns the direction of writing around.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLAIN = r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f-\x9f]+"
_ADDRESS = re.compile(f"{_PLAIN}@{_PLAIN}")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", _BREAKS.sub(" ", text)).strip()


def subject_line(text: str) -> str:
    return one_line(text)[:LONGEST_SUBJECT]


def is_one_line(text: str) -> bool:
    return not _BREAKS.search(text)


def sender_line(name: str, address: str) -> str:
    """`Name <address>`, as RFC 5322 writes it; a name cannot pretend to be another header."""
    name = _TURNS.sub("", one_line(name))
    return formataddr((name, address)) if name else address


def is_address(text: str) -> bool:
    """Whether a single mailbox stands there, and nothing that a header could be broken with."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None
