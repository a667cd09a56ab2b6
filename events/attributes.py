"""What events carry: reading one attribute, and discovering which there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from contacts.values import exact_number, instant
from segmentflow.api.bodies import encode_json

MOST_PATHS: Final = 200
"""Of one type; whoever sends more uses keys as values."""
MOST_SAMPLES: Final = 5
LONGEST_PATH: Final = 200
LONGEST_SAMPLE: Final = 100
DEEPEST: Final = 5

NUMBER = re.compile(r"[+-]?([0-9]{1,130}(\.[0-9]{0,130})?|\.[0-9]{1,130})")
"""As conditions read a number from a text."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Known = dict[str, dict[str, Any]]
"""EventType.attributes: {path: {"types": {type: count}, "samples": [text, ...]}}."""


def number_at(attributes: Mapping[str, Any], path: str) -> Decimal | None:
    """The number of an attribute, as conditions read it."""
    value = attribute_at(attributes, path)
    if isinstance(value, str):
        return Decimal(value) if NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return exact_number(value)


def attribute_at(attributes: Mapping[str, Any], path: str) -> Any:
    """By its key, or by a dotted path into objects; a key that contains the dots wins."""
    if path in attributes:
        return attributes[path]
    value: Any = attributes
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def discover(known: Known, events: Iterable[Mapping[str, Any]]) -> Known | None:
    """What is known after these events; None when they brought nothing new.

    Counts are those of the batches that brought something, which tell rare from common.
    """
    sent = list(events)
    if not any(_brings_something(known, attributes) for attributes in sent):
        return None
    found = {
        path: {"types": dict(seen["types"]), "samples": list(seen["samples"])}
        for path, seen in known.items()
    }
    for attributes in sent:
        for path, value in leaves(attributes):
            _add(found, path, value)
    return found


def without_samples(known: Known, events: Iterable[Mapping[str, Any]]) -> Known | None:
    """What is known without the samples that these events may have brought; None when they
    brought none. Whatever others have as well comes back with their next event."""
    found = {path: {**seen, "samples": list(seen["samples"])} for path, seen in known.items()}
    is_changed = False
    for attributes in events:
        for path, value in leaves(attributes):
            samples = found[path]["samples"] if path in found else []
            if samples and (sample := sample_text(value)) in samples:
                samples.remove(sample)
                is_changed = True
    return found if is_changed else None


def _brings_something(known: Known, attributes: Mapping[str, Any]) -> bool:
    """Every stored event is asked, and hardly any does."""
    for path, value in leaves(attributes):
        type_ = _type_of(value)
        if type_ is None:
            continue
        seen = known.get(path)
        if seen is None:
            if len(known) < MOST_PATHS:
                return True
        elif type_ not in seen["types"] or _is_new_sample(seen["samples"], value):
            return True
    return False


def _is_new_sample(samples: Sequence[str], value: Any) -> bool:
    return len(samples) < MOST_SAMPLES and sample_text(value) not in samples


def _add(found: Known, path: str, value: Any) -> None:
    type_ = _type_of(value)
    if type_ is None or (path not in found and len(found) >= MOST_PATHS):
        return
    seen = found.setdefault(path, {"types": {}, "samples": []})
    seen["types"][type_] = seen["types"].get(type_, 0) + 1
    if _is_new_sample(seen["samples"], value):
        seen["samples"].append(sample_text(value))


def leaves(attributes: Mapping[str, Any], above: str = "", depth: int = 1) -> Iterator[Any]:
    """Each value that is no object, with its path."""
    for key, value in attributes.items():
        path = f"{above}.{key}" if above else key
        if len(path) > LONGEST_PATH:
            continue
        if isinstance(value, dict):
            if depth < DEEPEST:
                yield from leaves(value, path, depth + 1)
        else:
            yield path, value


_TYPES: Final = {
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    list: "list",
}


def _type_of(value: Any) -> str | None:
    if isinstance(value, str):
        return _type_of_text(value) if value else None
    return _TYPES.get(type(value))


def _type_of_text(value: str) -> str:
    if not value[:4].isdecimal():
        return "text"
    if DAY.fullmatch(value):
        return "date" if instant(f"{value}T00:00") else "text"
    return "datetime" if instant(value) else "text"


def sample_text(value: Any) -> str:
    """A value as people read it, cut where it gets long."""
    text = value if isinstance(value, str) else _written(value)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return encode_json(value)
