"""What belongs to people, and what lets somebody in, is hidden in the forms in which it occurs."""

from __future__ import annotations

import logging
import time

import pytest

from segmentflow.logs import masking
from segmentflow.logs.masking import MaskingFilter, mask

KEY = "sf_Zq3Xb7uOaV1eYk9wT5rS2nLmPcHdJfGi"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("mail to anna.kowalska+x@example.co.uk failed", "mail to [email] failed"),
        ("calling +48 600 100 200 now", "calling [phone] now"),
        ("calling +48600100200", "calling [phone]"),
        (f"key {KEY} was sent", "key sf_Zq3Xb… was sent"),
        (f"Authorization: Bearer {KEY}", "Authorization: [hidden]"),
        ("sent Basic c2ZfYWJjOg== to us", "sent Basic [hidden] to us"),
        ("GET /m/c/eyJhbGciOi.x7 302", "GET /m/c/[hidden] 302"),
        ("GET /m/u/eyJhbGciOi/now 200", "GET /m/u/[hidden]/now 200"),
        ("GET /m/o/eyJhbGciOi.gif 200", "GET /m/o/[hidden] 200"),
        ("https://x.example/m/u/abc?x=1", "https://x.example/m/u/[hidden]?x=1"),
        ("POST /m/hooks/email/mailgun/s3cr3t 200", "POST /m/hooks/email/mailgun/[hidden] 200"),
        ("POST /m/hooks/sms/s3cr3t 200", "POST /m/hooks/sms/[hidden] 200"),
        ("GET /s/Ab3dE 302", "GET /s/[hidden] 302"),
        ("postgresql://flow:pa55w0rd@db/flow", "postgresql://flow:[hidden]@db/flow"),
        ("smtps://me%40x.pl:pa55@host:465/", "smtps://me%40x.pl:[hidden]@host:465/"),
        ('{"password": "two words", "a": 1}', '{"password": [hidden], "a": 1}'),
        (
            "{'api_key': 'x1', 'first_name': 'Anna'}",
            "{'api_key': [hidden], 'first_name': [hidden]}",
        ),
        ("token=abc&def,x page=2", "token=[hidden] page=2"),
        ("Cookie: sessionid=abc; theme=dark", "Cookie: [hidden]"),
        ("signed with whsec_MfKQ9r8GKYqrTwjU", "signed with whsec_[hidden]"),
        (
            "DETAIL:  Key (email)=(anna@example.com) already exists.",
            "DETAIL:  Key (email)=([hidden]) already exists.",
        ),
        ("Failing row contains (7, Anna, null).", "Failing row contains ([hidden])."),
        (
            'invalid input syntax for type numeric: "12 Long Street"',
            'invalid input syntax for type numeric: "[hidden]"',
        ),
        (
            "https://fcm.googleapis.com/fcm/send/cZ1abcdefghijABCDEFGHIJ1234567890abc",
            "https://fcm.googleapis.com/fcm/send/[hidden]",
        ),
    ],
)
def test_it_is_hidden(text, instead):
    assert mask(text) == instead


@pytest.mark.parametrize(
    "text",
    [
        "GET /segments/vips/activity.csv 200 12.5 ms user 3",
        "rebuild of segment inactive-vips failed: out of memory",
        "2026-11-29T19:00:00.123456+00:00",
        'File "/srv/segmentflow/segments/engine/refresh.py", line 105, in _follow_marks',
        "import 17 failed: line 12 has 3 columns",
        "msg 550e8400-e29b-41d4-a716-446655440000 was told already",
        "could not ask for refresh: connection refused",
    ],
)
def test_what_helps_to_find_a_fault_stays(text):
    assert mask(text) == text


def test_a_secret_that_is_known_is_hidden_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(masking, "_known", set())
    MaskingFilter(["correct horse"])

    assert mask("it was “correct horse”.") == "it was “[hidden]”."


def test_a_line_that_was_written_wrongly_is_kept_and_masked():
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "for %s %s", ("a@example.com",), None)

    assert MaskingFilter().filter(record)
    assert record.getMessage() == "for %s %s"


def test_what_was_added_to_a_record_is_masked_too():
    record = logging.makeLogRecord({"msg": "sent", "to": "anna@example.com"})

    MaskingFilter().filter(record)

    assert vars(record)["to"] == "[email]"


@pytest.mark.parametrize("part", ["A1b-", "a.", "a@", "password", "+1 ", "x=", '"', "/m/c/"])
def test_whatever_somebody_sends_is_looked_through_quickly(part):
    began = time.perf_counter()

    mask(part * 100_000)

    assert time.perf_counter() - began < 1
