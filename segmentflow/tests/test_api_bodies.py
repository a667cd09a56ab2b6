"""What the API makes of bodies that are broken, hostile or only unusual."""

from __future__ import annotations

import gzip
import io
from decimal import Decimal

import pytest

from segmentflow.api.bodies import decode_json, encode_json, read_body
from segmentflow.api.problems import ApiProblem

MEGABYTE = 1024 * 1024


def refused(body: bytes, encoding: str = "") -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        decode_json(read_body(io.BytesIO(body), encoding))
    return caught.value


def test_numbers_keep_every_digit():
    body = b'{"price": 12.50, "tiny": 0.1000000000000000055511151231257827, "large": 1E+30}'

    value = decode_json(body)

    assert value["price"] == Decimal("12.50")
    assert encode_json(value) == body.decode().replace(": ", ":").replace(", ", ",")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1} trailing',
        b"{'a': 1}",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\udc00x"}',
        b'"\\ud800x"',
        b'\xef\xbb\xbf{"a": 1}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
        b"1" * 5_000,
    ],
)
def test_what_is_no_json_is_a_400(body):
    assert refused(body).status == 400


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"events": [{"type": "a\\u0000b"}]}', "events[0].type"),
        (b'{"attributes": {"n": 1e400}}', "attributes.n"),
        (b'{"attributes": {"n": -1e-400}}', "attributes.n"),
        (b'{"attributes": {"n": 0.' + b"1" * 200 + b"}}", "attributes.n"),
        (b'{"attributes": {"n": ' + b"9" * 200 + b"}}", "attributes.n"),
    ],
)
def test_what_cannot_be_stored_is_a_400_with_its_place(body, path):
    problem = refused(body)

    assert problem.status == 400
    assert [error.path for error in problem.errors] == [path]


def test_a_body_that_is_nested_too_deeply_is_a_400():
    assert refused(b"[" * 250 + b"]" * 250).status == 400


def test_a_body_over_ten_megabytes_is_a_413():
    assert refused(b" " * (10 * MEGABYTE + 1)).status == 413


def test_a_body_of_ten_megabytes_is_read():
    body = b'"' + b"x" * (10 * MEGABYTE - 2) + b'"'

    assert len(decode_json(read_body(io.BytesIO(body), ""))) == 10 * MEGABYTE - 2


def test_a_gzip_bomb_is_a_413():
    bomb = gzip.compress(b"0" * (200 * MEGABYTE))

    assert refused(bomb, "gzip").status == 413


def test_a_gzip_body_is_read():
    body = gzip.compress(b'{"a": ') + gzip.compress(b"1}")

    assert decode_json(read_body(io.BytesIO(body), "gzip")) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"no gzip", gzip.compress(b"{}", mtime=0)[:-3]])
def test_a_broken_gzip_body_is_a_400(body):
    assert refused(body, "gzip").status == 400


def test_an_unknown_encoding_is_a_415():
    assert refused(b"{}", "br").status == 415


@pytest.mark.parametrize("level", [b'{"a":%s}', b"[%s]", b'[{"]}":%s}]'])
def test_only_what_is_nested_too_deeply_is_refused_however_much_is_beside_it(level):
    def nested(depth):
        body = b"1"
        for _ in range(depth // (level.count(b"{") + level.count(b"["))):
            body = level % body
        return b"[" + b'{"a":[{}]},' * 300 + body + b"]"

    assert len(decode_json(nested(198))) == 301
    assert "deep" in refused(nested(202)).title
