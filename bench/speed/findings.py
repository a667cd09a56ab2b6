"""What a scenario found out: one measure, all its runs, and the bar it should reach."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal


@dataclass(frozen=True)
class Finding:
    scenario: str
    name: str
    unit: str
    """Such as events/s, ms, MB, bytes, or × for a ratio of two measures of the same run."""
    runs: list[float]
    bar: float | None = None
    better: Literal["more", "less"] = "more"
    note: str = ""
    measured: str = ""
    """When and on which processor, as `2026-11-30, AMD EPYC`; a report may have several (`--add`)."""

    @property
    def median(self) -> float:
        return statistics.median(self.runs) if self.runs else float("nan")

    @property
    def is_met(self) -> bool | None:
        """None where there is no bar."""
        if self.bar is None:
            return None
        return self.median >= self.bar if self.better == "more" else self.median <= self.bar

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Finding:
        """As `as_data` gives it."""
        return cls(**{one.name: data[one.name] for one in fields(cls) if one.name in data})

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"median": self.median, "is_met": self.is_met}


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours to theirs, each of one run."""
    return [our / their if their else float("inf") for our, their in zip(ours, theirs, strict=True)]


class Gathered:
    """Measures of one scenario by name, a value for each run; becomes findings at the end."""

    def __init__(self, scenario: str) -> None:
        self._scenario = scenario
        self._runs: dict[str, list[float]] = {}
        self._shown: dict[str, Callable[[list[float]], Finding]] = {}

    def add(self, name: str, value: float, unit: str, **more: Any) -> None:
        """`more`: bar, better, note; those of the latest run count."""
        self._runs.setdefault(name, []).append(value)
        self._shown[name] = lambda runs: Finding(self._scenario, name, unit, runs, **more)
        print(f"  {self._scenario}: {name}: {value:,.4g} {unit}", flush=True)

    def runs(self, name: str) -> list[float]:
        return self._runs[name]

    def findings(self) -> list[Finding]:
        return [self._shown[name](runs) for name, runs in self._runs.items()]


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which so large a part lies, without interpolation."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else float("nan")
