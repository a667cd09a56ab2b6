"""All that is logged, as it would be written."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from segmentflow.logs.lines import JsonLines, TextLines
from segmentflow.logs.masking import MaskingFilter
from segmentflow.logs.request_ids import RequestFilter


class Captured:
    def __init__(self) -> None:
        self._streams = [io.StringIO(), io.StringIO()]
        self.handlers = [
            _handler(stream, look)
            for stream, look in zip(self._streams, (TextLines(), JsonLines()), strict=True)
        ]

    @property
    def text(self) -> str:
        return self._streams[0].getvalue()

    @property
    def json(self) -> str:
        return self._streams[1].getvalue()


@contextmanager
def captured() -> Iterator[Captured]:
    """Whatever reaches the root, at any level."""
    found, root = Captured(), logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    for handler in found.handlers:
        root.addHandler(handler)
    try:
        yield found
    finally:
        root.setLevel(before)
        for handler in found.handlers:
            root.removeHandler(handler)


def _handler(stream: io.StringIO, look: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(look)
    handler.addFilter(MaskingFilter())
    handler.addFilter(RequestFilter())
    return handler
