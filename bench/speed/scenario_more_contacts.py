"""Ten times the contacts at the same stream of events: whether the speed stays.

Cost should follow what changes, not how many contacts there are.
"""

from __future__ import annotations

from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered, ratios
from bench.speed.flat_out import flat_out, warm_up
from bench.speed.stage import Stage

EVENTS = 100_000


def run(stage: Stage) -> list[Finding]:
    found = Gathered("more_contacts")
    events = stage.amount(EVENTS, least=2_000)
    few, _ = stage.size("small")
    note = f"{events:,} events, flat out until settled"
    # The one that runs already first.
    for name in sorted(("small", "full"), key=lambda name: name != stage.running):
        touched: set[int] = set()
        with stage.on(name) as site:
            warm_up(site)
            for _ in range(stage.runs):
                same = flat_out(site, events=events, among=few)
                touched |= same.contact_ids
                found.add(f"{name}, events of {few:,} contacts", same.rate, "events/s", note=note)
                if name == "full":
                    everybody = flat_out(site, events=events)
                    touched |= everybody.contact_ids
                    found.add("full, events of all contacts", everybody.rate, "events/s", note=note)
            found.add(
                f"mistakes, {name}, contacts touched",
                check(site, contacts=touched),
                "",
                bar=0,
                better="less",
            )
    small = found.runs(f"small, events of {few:,} contacts")
    full = found.runs(f"full, events of {few:,} contacts")
    everybody_runs = found.runs("full, events of all contacts")
    return [
        *found.findings(),
        Finding("more_contacts", "ten times the contacts", "×", ratios(full, small), 0.8),
        Finding(
            "more_contacts",
            "ten times the contacts, and all of them active",
            "×",
            ratios(everybody_runs, small),
        ),
    ]
