"""What the replies of a mail server mean for a message (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re
from typing import Final

from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.writing import said

ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
"""Not a part of an IP address."""
BAD_MAILBOX: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""No such mailbox, no such domain, no such address, moved, no mail taken there."""
VAGUE: Final = frozenset({"5.0.0", "5.1.0", "5.2.0", "5.2.1"})
"""Other things as well, such as too many messages; then the words decide."""
UNKNOWN_MAILBOX: Final = (550, 551, 553)
"""What a recipient who does not exist is answered with, and much else."""
_WHO: Final = r"(?:user|mailbox|mail box|recipient|account|address|person)"
_GONE: Final = (
    r"(?:unknown|not (?:be )?found|not known|does ?n[o'’]t exist|not exist"
    r"|no longer|disabled|inactive|deactivated|closed|discontinued|invalid)"
)
SAYS_UNKNOWN: Final = re.compile(
    rf"no such (?:\w+ )?(?:{_WHO}|here)|no (?:mailbox|user|account)\b"
    rf"|(?:unknown|invalid|nonexistent|non-existent|unrouteable) (?:local )?{_WHO}"
    rf"|{_WHO}\b[^.;]{{0,40}}?\b{_GONE}\b",
    re.IGNORECASE,
)
"""Only what is certain: who is suppressed wrongly never gets anything again."""
SAYS_OTHER: Final = re.compile(
    r"block|black|listed|spam|abus|polic|reputation|denied|sender|client|helo|ehlo|verif|limit"
    r"|\brate|quota|full|grey|gray|temporar|try again|later|\b(?:from|ip|rbl|dnsbl|spf|dkim|dmarc|ptr|dns)\b",
    re.IGNORECASE,
)
"""About us, our message or our address, whatever else it says."""
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
    """Whether the reply says that the mailbox does not exist; in doubt, not."""
    found = ENHANCED.search(words)
    if found and found[0] not in VAGUE:
        return found[0] in BAD_MAILBOX
    is_about_it = at_recipient and code in UNKNOWN_MAILBOX
    return is_about_it and bool(SAYS_UNKNOWN.search(words)) and not SAYS_OTHER.search(words)


def _is_relaying(words: str) -> bool:
    """We are not let through there at all, whoever it is for."""
    return "relay" in words.lower()


def _words(reply: Reply, address: str) -> str:
    code, text = reply
    return said(f"{code} {text.decode('utf-8', 'replace')}", address=address)
