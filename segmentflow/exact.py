"""JSON columns with every number as it was sent: 0.10 and 20 digits stay what they are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number")


class ExactEncoder(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        return _encoder.encode(o).decode()


class ExactDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=Decimal, **options)
