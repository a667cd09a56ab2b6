"""Hides from every line of the log what belongs to people, and what lets somebody in.

It knows the forms that occur: it cannot know a name or a password that stands alone in a sentence, so
nobody writes such a sentence (docs/monitoring.md).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

HIDDEN: Final = "[hidden]"
EMAIL: Final = "[email]"
PHONE: Final = "[phone]"

PRIVATE_NAMES: Final = (
    r"[\w-]{0,30}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|writekey|authorization"
    r"|cookie|sessionid|session_key|csrf\w{0,20}|signature|private_key|otp)[\w-]{0,20}"
)
PERSON_NAMES: Final = r"(?:e-?mail|phone|mobile|first_name|last_name|firstname|lastname|full_name)"
VALUE: Final = r"""(?!\[hidden\])(?:"[^"\n]*"?|'[^'\n]*'?|[^\s"'<>]+)"""


class Rule(NamedTuple):
    needs: frozenset[str]
    """Characters of which a text has at least one; most have none, and are soon done with."""
    pattern: re.Pattern[str]
    instead: str


def _rule(needs: str, pattern: str, instead: str, flags: int = 0) -> Rule:
    return Rule(frozenset(needs), re.compile(pattern, flags), instead)


RULES: Final[tuple[Rule, ...]] = (
    # Addresses with a password, such as those of databases and mail servers.
    _rule("@", r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:\"']*):[^\s/@\"']+@", rf"\1:{HIDDEN}@"),
    # What stands in links of messages and in addresses for reports.
    _rule("/", r"(/m/(?:[ocui]|hooks/sms|hooks/email/[^\s/\"']+)/)[^\s/?#\"'<>]+", rf"\1{HIDDEN}"),
    _rule("/", r"(^|[\s\"'(]|https?://[^\s/\"']+)(/s/)[^\s/?#\"'<>]+", rf"\1\2{HIDDEN}"),
    # Headers.
    _rule(
        ":=",
        r"(\bAuthorization[\"']?\s*[:=]\s*)(?:\"[^\"\n]*\"|'[^'\n]*'|[^\n,;]+)",
        rf"\1{HIDDEN}",
        re.I,
    ),
    _rule(" ", r"\b(Bearer|Basic)\s+[\w+/=.~-]{6,}", rf"\1 {HIDDEN}", re.IGNORECASE),
    _rule(":=", r"(\b(?:Set-)?Cookie[\"']?\s*[:=]\s*)[^\n]+", rf"\1{HIDDEN}", re.IGNORECASE),
    # Keys of ours: the beginning is what people know them by.
    _rule("_", r"\b(sfp?_[\w-]{5})[\w-]+", r"\1…"),
    _rule("_", r"\bwhsec_[\w+/=-]+", f"whsec_{HIDDEN}"),
    # What PostgreSQL says of rows it refuses.
    _rule("=", r"(\bKey \([^)\n]*\)=\()[^\n]*?(\)(?= |\n|$))", rf"\1{HIDDEN}\2"),
    _rule("(", r"(\bFailing row contains \()[^\n]*", rf"\1{HIDDEN})."),
    _rule('"', r"(\bfor type [\w ]+: \")[^\n]*(\")", rf"\1{HIDDEN}\2"),
    _rule(":", r"(\bSTATEMENT: )[^\n]*", rf"\1 {HIDDEN}"),
    # Names and values, as in addresses, JSON and Python.
    _rule(":=", rf"(\b(?:{PRIVATE_NAMES})[\"']?\s*(?:=>|[=:])\s*){VALUE}", rf"\1{HIDDEN}", re.I),
    _rule(":=", rf"(\b{PERSON_NAMES}[\"']?\s*(?:=>|[=:])\s*){VALUE}", rf"\1{HIDDEN}", re.I),
    _rule("@", r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", EMAIL),
    _rule("+", r"(?<![\w.])\+\d[\d ().-]{6,18}\d", PHONE),
    # Long words of large and small letters with digits are tokens of somebody's.
    _rule(
        "0123456789",
        r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}",
        HIDDEN,
    ),
)
TELLING: Final = frozenset[str]().union(*(rule.needs for rule in RULES))
LONGEST: Final = 20_000
"""Characters of a message that are kept, and looked through."""

_known: set[str] = set()
"""Secrets that are hidden wherever they stand, whatever they look like."""


def hide(secrets: Iterable[str]) -> None:
    """Short ones would hide half of all words, and are left to the rules."""
    _known.update(secret for secret in secrets if len(secret) >= 8)


def mask(text: str) -> str:
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    telling = TELLING.intersection(text)
    for needs, pattern, instead in RULES:
        if not needs.isdisjoint(telling):
            text = pattern.sub(instead, text)
    return text


class MaskingFilter(logging.Filter):
    """On the handler, so that nothing gets past it: message, traceback and whatever was added."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        super().__init__()
        hide(known)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(_said(record)), ()
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        for name, value in vars(record).items():
            if name not in OWN and isinstance(value, str):
                setattr(record, name, mask(value))
        return True


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # A line that was written wrongly must not get past the rules, nor be lost.
        return str(record.msg)


OWN: Final = frozenset(vars(logging.makeLogRecord({})))
"""What every record has."""
