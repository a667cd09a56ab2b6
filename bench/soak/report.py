"""What came of it: told, kept as JSON, and written into docs/reliability.md."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.publishing import TOP, machine, write_between
from bench.soak.judging import Line
from bench.soak.sampling import Sample
from bench.speed.waiting import say

if TYPE_CHECKING:
    from bench.soak.__main__ import Stream

DOCS = TOP / "docs" / "reliability.md"
MARK = "soak"


@dataclass
class Found:
    lines: Sequence[Line]
    samples: Sequence[Sample]
    stream: Stream
    mistakes: int
    bytes_an_event: float
    contacts: int
    events: int
    segments: int

    @property
    def is_flat(self) -> bool:
        return not self.mistakes and all(line.is_flat is not False for line in self.lines)


def write(found: Found, options: argparse.Namespace) -> None:
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "minutes": round(found.stream.seconds / 60, 1),
        "rate_asked": options.rate,
        "rate": round(found.stream.accepted / found.stream.seconds, 1),
        "accepted": found.stream.accepted,
        "contacts": found.contacts,
        "events_before": found.events,
        "segments": found.segments,
        "mistakes": found.mistakes,
        "bytes_an_event": round(found.bytes_an_event, 1),
        "most_pending": max(sample.pending for sample in found.samples),
        "load": [round(part, 1) for part in _loads(found.samples)],
    }
    for line in found.lines:
        mark = {None: "", True: "flat", False: "NOT FLAT"}[line.is_flat]
        say(
            f"{line.name:<36} {line.begun:>10} {line.ended:>10}  {line.change:<44} {line.bound:<28} {mark}"
        )
    options.report.parent.mkdir(exist_ok=True, parents=True)
    lines = [asdict(line) for line in found.lines]
    samples = [sample.as_data() for sample in found.samples]
    data = about | {"lines": lines, "samples": samples}
    options.report.write_text(json.dumps(data, indent=1) + "\n")
    say(f"{options.report}: {about}")
    if not options.no_docs:
        write_between(DOCS, MARK, markdown(about, found.lines))


def _loads(samples: Sequence[Sample]) -> tuple[float, float]:
    loads = sorted(sample.load for sample in samples)
    return loads[len(loads) // 2], loads[-1]


def markdown(about: dict[str, Any], lines: Sequence[Line]) -> str:
    latest = about["machine"]
    rows = [
        f"| {line.name} | {line.begun} | {line.ended} | {line.change} | {line.bound} | "
        f"{ {None: '', True: 'yes', False: '**no**'}[line.is_flat] } |"
        for line in lines
    ]
    return "\n".join(
        [
            f"`script/soak` on {about['at'][:10]}: {about['minutes']:.0f} minutes, {about['accepted']:,} events at "
            f"{about['rate']:,.0f} a second (asked for: {about['rate_asked']:,.0f}), on {about['contacts']:,} contacts with "
            f"{about['events_before']:,} events before and {about['segments']} live segments. {latest['cores']} cores "
            f"({latest['processor']}), {latest['memory_gb']} GB, which others worked on at the same time: load "
            f"{about['load'][0]:g} in the median, up to {about['load'][1]:g}.",
            "",
            f"Afterwards all memberships of the contacts touched were computed anew: **{about['mistakes']:,} mistakes**. "
            f"At most {about['most_pending']:,} changes waited to be followed. Each event took "
            f"{about['bytes_an_event']:,.0f} bytes of disc.",
            "",
            "| what | at the beginning, after a fifth of the time | at the end | change | bound | flat |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )
