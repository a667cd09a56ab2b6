"""Memory after the stream at full size, and disk for each event."""

from __future__ import annotations

from bench.speed.findings import Finding
from bench.speed.resources import events_size, memory
from bench.speed.stage import Stage


def run(stage: Stage) -> list[Finding]:
    with stage.on("full") as site:
        size = events_size()
        used, note = stage.memory, "after the stream"
        if used is None:
            used, note = memory(site), "without the stream before"
        found = [
            Finding(
                "resources", "memory of web, workers and watcher", "MB", [used], 600, "less", note
            ),
            Finding(
                "resources",
                "disk for an event, with indexes",
                "bytes",
                [size.size / size.events],
                300,
                "less",
                f"{size.events:,} events of three attributes",
            ),
        ]
        if stage.grown is not None:
            note = "what the table grew by, while events came over HTTP"
            found.append(
                Finding(
                    "resources",
                    "disk for each new event",
                    "bytes",
                    [stage.grown],
                    300,
                    "less",
                    note,
                )
            )
    return found
