"""The controls of a window of time."""

from __future__ import annotations

from typing import Any

from segments.builder.comparisons import (
    duration_parts,
    moment_control,
    options,
    period_control,
)
from segments.builder.parts import Button, Control, Kind, More, Part, Words
from segments.builder.values import is_instant, text_of
from segments.builder.vocabulary import Vocabulary

LABELS = {
    "ever": "at any time",
    "last": "in the last",
    "period": "in",
    "before_ago": "longer ago than",
    "between_ago": "between (time ago)",
    "after": "on or after",
    "before": "before",
    "between": "between two dates",
}


def window_parts(
    window: Any, vocabulary: Vocabulary, *, name: str = "window", of: str = ""
) -> tuple[Part, ...]:
    kind = "ever" if window is None else window.get("kind") if isinstance(window, dict) else window
    label = f"Time of {of}" if of else "Time"
    chooser = Control(
        f"{name}.kind", Kind.SELECT, label, text_of(kind), options(LABELS.items(), kind)
    )
    if not isinstance(window, dict):
        return (chooser,)
    return (chooser, *_details(window, vocabulary, name))


def _details(window: dict[str, Any], vocabulary: Vocabulary, name: str) -> tuple[Part, ...]:
    match window.get("kind"):
        case "last" | "before_ago":
            return duration_parts(name, window, "of time")
        case "between_ago":
            return (
                *duration_parts(f"{name}.from", window.get("from"), "of time at most"),
                Words("and"),
                *duration_parts(f"{name}.to", window.get("to"), "of time at least"),
                Words("ago"),
            )
        case "period":
            return (period_control(f"{name}.period", window.get("period"), "Calendar period"),)
        case "after" | "before":
            return _moments(window, vocabulary, name, [("at", "Date")])
        case "between":
            return _moments(window, vocabulary, name, [("from", "First day"), ("to", "Last day")])
        case _:
            return ()


def _moments(
    window: dict[str, Any], vocabulary: Vocabulary, name: str, ends: list[tuple[str, str]]
) -> tuple[Part, ...]:
    parts: list[Part] = []
    buttons: list[Part] = []
    for key, label in ends:
        if parts:
            parts.append(Words("and"))
        value, place = window.get(key), f"{name}.{key}"
        parts.append(moment_control(place, value, vocabulary, label))
        do, said = (
            ("day", "Whole day only") if is_instant(value) else ("time", "With a time of day")
        )
        ending = f" ({label.lower()})" if len(ends) > 1 else ""
        buttons.append(Button(f"{do}:{place}", f"{said}{ending}"))
    return (*parts, More(tuple(buttons)))
