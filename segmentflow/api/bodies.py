"""Request bodies: bounded, decompressed, decoded, and fit to be stored.

Numbers are exact: those with a point or an exponent become Decimal.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import msgspec
from django.conf import settings
from rest_framework.parsers import BaseParser

from segmentflow.api.problems import ApiProblem, ErrorAt, invalid

MAX_DIGITS = 130
BITS = 431  # of the largest number with so many digits
MAX_DEPTH = 200
BITE = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS

# What only a closer look can tell; bodies without any of it need none.
SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
LONG = 100
CONTAINERS = (dict, list)
ZEROS = b"0" * LONG
AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)


class JsonParser(BaseParser):
    """JSON, also gzip-encoded."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
        return decode_json(read_body(stream, encoding))


def read_body(stream: IO[bytes], encoding: str) -> bytes:
    """All of a body, decompressed; never more than the limit in memory."""
    limit = settings.MAX_BODY_BYTES
    if encoding in ("", "identity"):
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise too_large()
        return body
    if encoding != "gzip":
        detail = f"The encoding “{encoding[:40]}” is not known; send gzip or none."
        raise ApiProblem(415, "Unsupported encoding", detail)
    return _gunzipped(stream, limit)


def too_large() -> ApiProblem:
    megabytes = settings.MAX_BODY_BYTES // 1024 // 1024
    detail = f"A body has at most {megabytes} MB after decompression; send less at once."
    return ApiProblem(413, "The body is too large", detail)


def too_deep() -> ApiProblem:
    detail = f"Lists and objects can lie {MAX_DEPTH} deep in each other."
    return ApiProblem(400, "The body is nested too deeply", detail)


def _gunzipped(stream: IO[bytes], limit: int) -> bytes:
    found = bytearray()
    unzip = zlib.decompressobj(GZIP)
    try:
        while bite := stream.read(BITE):
            while bite:
                found += unzip.decompress(bite, limit + 1 - len(found))
                if len(found) > limit:
                    raise too_large()
                # Several members one after the other are one body.
                bite = unzip.unconsumed_tail or unzip.unused_data
                if unzip.eof and bite:
                    unzip = zlib.decompressobj(GZIP)
    except zlib.error as problem:
        raise ApiProblem(400, "The body is not gzip", "It could not be decompressed.") from problem
    if not unzip.eof:
        raise ApiProblem(400, "The body is not gzip", "It ends too early.")
    return bytes(found)


def decode_json(body: bytes) -> Any:
    """The JSON of a body; raises ApiProblem for anything that cannot be stored."""
    try:
        value = _decoded(_quick_decoder, body)
    except _Unusual:
        value = parse_json(body)
        _look_closer(value)
        return value
    if SUSPICIOUS.search(body) or ZEROS in body.translate(AS_ZEROS) or _may_be_deep(value):
        _look_closer(value)
    return value


def parse_json(body: bytes) -> Any:
    """The JSON of a body, whatever it holds; raises ApiProblem when it is none."""
    return _decoded(_decoder, body)


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except UnicodeDecodeError as problem:
        raise ApiProblem(400, "The body is not UTF-8", str(problem)) from problem
    except RecursionError as problem:
        raise too_deep() from problem
    except (msgspec.MsgspecError, ValueError) as problem:
        raise ApiProblem(400, "The body is not JSON", str(problem)) from problem


class _Unusual(Exception):
    """A number that may be too long to be stored."""


def _usual_number(text: str) -> Decimal:
    if len(text) > LONG or "e" in text or "E" in text:
        raise _Unusual
    return Decimal(text)


_quick_decoder = msgspec.json.Decoder(float_hook=_usual_number)
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def encode_json(value: Any) -> str:
    """JSON text with every number as it was sent."""
    return _encoder.encode(value).decode()


def _may_be_deep(value: Any) -> bool:
    """Whether it is nested about as deeply as allowed, or deeper: level by level, for that is quick."""
    level = [value] if isinstance(value, CONTAINERS) else []
    for _ in range(MAX_DEPTH - 2):
        if not level:
            return False
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, CONTAINERS)
        ]
    return bool(level)


def _look_closer(value: Any) -> None:
    errors: list[ErrorAt] = []
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting and len(errors) < 100:
        path, item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise too_deep()
        if isinstance(item, dict):
            errors += [_bad_text(path) for key in item if is_unstorable(key)]
            waiting += [(f"{path}.{key}" if path else key, v, depth + 1) for key, v in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{path}[{n}]", v, depth + 1) for n, v in enumerate(item)]
        elif isinstance(item, str) and is_unstorable(item):
            errors.append(_bad_text(path))
        elif isinstance(item, int | Decimal) and is_too_long(item):
            said = f"A number has at most {MAX_DIGITS} digits."
            errors.append(ErrorAt(path, "number_too_long", said))
    if errors:
        raise invalid(*errors)


def _bad_text(path: str) -> ErrorAt:
    said = "A text cannot hold the character NUL or half a character."
    shown = path.replace("\x00", "�").encode("utf-8", "replace").decode()
    return ErrorAt(shown, "unstorable_text", said)


def is_unstorable(text: str) -> bool:
    if "\x00" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def is_too_long(number: int | Decimal) -> bool:
    """More digits, before or after the point, than anything in the world needs."""
    if isinstance(number, bool):
        return False
    if isinstance(number, int):
        return number.bit_length() > BITS
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return True  # not finite
    return len(digits) + max(exponent, 0) > MAX_DIGITS or -exponent > MAX_DIGITS
