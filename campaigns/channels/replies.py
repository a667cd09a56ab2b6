"""What the replies of a mail server mean for a message (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re
from typing import Final

from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.writing import said

ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
BAD_MAILBOX: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""No such mailbox, no such domain, moved, no mail taken there, disabled."""
UNKNOWN_MAILBOX: Final = (550, 551, 553)
"""Without an enhanced code, these say so about a recipient."""
CLOSING: Final = 421
NOT_ALLOWED: Final = (530, 534, 535, 538)
"""We have to sign in first, or differently: not the message's fault."""

Reply = tuple[int, bytes]


def of_sender(reply: Reply) -> Handed:
    """Who may not send now, may send nothing: it concerns all messages."""
    return Handed(Outcome.LATER, error=_words(reply, ""), is_everybody=True)


def of_recipient(reply: Reply, address: str) -> Handed:
    code, words = reply[0], _words(reply, address)
    if code == CLOSING or code in NOT_ALLOWED or _is_relaying(words):
        return Handed(Outcome.LATER, error=words, is_everybody=True)
    if code < 500:
        return Handed(Outcome.LATER, error=words)
    return Handed(
        Outcome.REFUSED, error=words, is_bad_address=_is_bad_mailbox(code, words, at_recipient=True)
    )


def of_content(reply: Reply, address: str) -> Handed:
    """After the message itself, or in place of the invitation to send it."""
    code, words = reply[0], _words(reply, address)
    if code == CLOSING or code in NOT_ALLOWED:
        return Handed(Outcome.LATER, error=words, is_everybody=True)
    if code < 500:
        return Handed(Outcome.LATER, error=words)
    return Handed(
        Outcome.REFUSED,
        error=words,
        is_bad_address=_is_bad_mailbox(code, words, at_recipient=False),
    )


def _is_bad_mailbox(code: int, words: str, *, at_recipient: bool) -> bool:
    found = ENHANCED.search(words)
    if found:
        return f"{found[2]}.{found[3]}" in BAD_MAILBOX
    return at_recipient and code in UNKNOWN_MAILBOX


def _is_relaying(words: str) -> bool:
    """We are not let through there at all, whoever it is for."""
    return "relay" in words.lower()


def _words(reply: Reply, address: str) -> str:
    code, text = reply
    return said(f"{code} {text.decode('utf-8', 'replace')}", address=address)
