"""What came of all faults: told while they run, kept as JSON, and written into docs/reliability.md."""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.publishing import TOP, machine, write_between
from bench.speed.waiting import say

if TYPE_CHECKING:
    from bench.faults.judging import Verdict
    from bench.faults.world import World

DOCS = TOP / "docs" / "reliability.md"
MARK = "faults"
MOST_SAID = 3
ONE = re.compile(r"(?<=n )(contact|deadline)$")


class Report:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.left_out: list[str] = []
        """Kinds that this machine does not allow."""
        self._runs = self._runs_before()
        self._verdicts: list[dict[str, Any]] = []
        self._sums: Counter[str] = Counter()
        self._begun = time.monotonic()

    @property
    def is_wrong(self) -> bool:
        return not self._verdicts or any(verdict["wrong"] for verdict in self._verdicts)

    def note(self, verdict: Verdict) -> None:
        self._verdicts.append(asdict(verdict))
        said = ", ".join(f"{times}× {text}" for text, times in list(verdict.said.items())[:6])
        say(
            f"{time.monotonic() - self._begun:6.0f} s  {verdict.kind:<28} {verdict.seconds:5.1f} s, "
            f"back after {verdict.back_seconds:4.1f} s, settled after {verdict.settled_seconds:4.1f} s"
            f"  {verdict.notes}  [{said}]"
        )
        for problem in verdict.wrong:
            say(f"          WRONG: {problem}")

    def note_world(self, world: World) -> None:
        """At the end of one, when everything has been looked at."""
        ledger, told = world.stream.ledger, world.receiver.told
        from tests.system.load import stored_message_ids

        stored = Counter(stored_message_ids(world.url))
        self._sums.update(
            {
                "events sent": len(ledger.sent),
                "requests": ledger.statuses.total(),
                "requests not answered 202": ledger.statuses.total() - ledger.statuses[202],
                "answered 202": len(ledger.answered),
                "sent again after 202": ledger.again,
                "given up without an answer": ledger.unknown,
                "of these stored": len((ledger.sent - ledger.answered) & stored.keys()),
                "lost": len(ledger.answered - stored.keys()),
                "doubled": stored.total() - len(stored),
                "never sent": len(stored.keys() - ledger.sent),
                "moves told": sum(map(len, told.moves.values())),
                "requests of the webhook": len(told.moves),
                "requests of the webhook that came again": told.repeated,
                "mails": len(world.mails.taken),
                "mails perhaps sent": world.query(
                    "SELECT count(*) FROM campaigns_message WHERE state = 5"
                )[0][0],
            }
        )

    def keep_words(self, world: World) -> None:
        """What the installation said, for whoever looks for a cause."""
        for output in (world.installation.output, world.folder / "apart.output"):
            if output.exists():
                kept = self._options.report.with_suffix(f".{world.folder.name}.{output.stem}.log")
                kept.parent.mkdir(exist_ok=True, parents=True)
                kept.write_bytes(output.read_bytes())

    def write(self) -> None:
        run = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "minutes": round((time.monotonic() - self._begun) / 60, 1),
            "seed": self._options.seed,
            "left_out": self.left_out,
            "sums": dict(self._sums),
            "verdicts": self._verdicts,
        }
        runs = [*self._runs, run]
        self._options.report.write_text(json.dumps({"runs": runs}, indent=1) + "\n")
        say("\n" + "\n".join(f"{name:<42} {number:>10,}" for name, number in self._sums.items()))
        say(f"{self._options.report}; {run['minutes']} minutes, seed {run['seed']}")
        if not self._options.no_docs:
            write_between(DOCS, MARK, markdown(runs))

    def _runs_before(self) -> list[dict[str, Any]]:
        path = self._options.report
        if not self._options.add or not path.exists():
            return []
        return list(json.loads(path.read_text())["runs"])


def markdown(runs: list[dict[str, Any]]) -> str:
    latest, verdicts = runs[-1]["machine"], [one for run in runs for one in run["verdicts"]]
    sums: Counter[str] = Counter()
    for run in runs:
        sums.update(run["sums"])
    wrong = [f"{one['kind']}: {problem}" for one in verdicts for problem in one["wrong"]]
    lines = [
        f"`script/faults` on {runs[-1]['at'][:10]}, {sum(run['minutes'] for run in runs):.0f} minutes in "
        f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} (seeds {', '.join(str(run['seed']) for run in runs)}): "
        f"{latest['cores']} cores ({latest['processor']}), {latest['memory_gb']} GB, which others worked on at the same "
        f"time (load {', '.join(run['machine']['load'][1] for run in runs)}).",
        "",
        f"**{len(verdicts)} faults, {sums['events sent']:,} events sent, {sums['answered 202']:,} answered 202: "
        f"{sums['lost']:,} lost, {sums['doubled']:,} doubled, {sums['never sent']:,} that nobody sent.** Of "
        f"{sums['requests']:,} requests {sums['requests not answered 202']:,} were not answered 202 and most were sent again; "
        f"{sums['sent again after 202']:,} events were sent once more although they had been taken. "
        f"{sums['given up without an answer']:,} were given up without an answer; {sums['of these stored']:,} of these had been stored.",
        "",
        f"The webhook told of {sums['moves told']:,} moves in {sums['requests of the webhook']:,} requests, "
        f"{sums['requests of the webhook that came again']:,} of which came once more: each contact’s in order, none missing. "
        f"{sums['mails']:,} mails came, none twice; {sums['mails perhaps sent']:,} are marked as perhaps sent.",
        "",
        "| fault | times | back after, median and longest | what people and programs were told meanwhile | wrong |",
        "|---|---|---|---|---|",
        *_rows(verdicts),
        "",
        "What was wrong: " + ("nothing." if not wrong else "; ".join(wrong) + "."),
    ]
    if left_out := sorted({kind for run in runs for kind in run["left_out"]}):
        lines += ["", f"Not possible on that machine: {', '.join(left_out)}."]
    return "\n".join(lines)


def _rows(verdicts: list[dict[str, Any]]) -> Iterable[str]:
    for kind in dict.fromkeys(one["kind"] for one in verdicts):
        some = [one for one in verdicts if one["kind"] == kind]
        took = [one["back_seconds"] for one in some]
        said: Counter[str] = Counter()
        for one in some:
            for text, times in one["said"].items():
                said[ONE.sub(r"\1s", text)] += times
        told = [
            f"“{text}”" for text, _ in said.most_common() if text != "fine" and text != "Up to date"
        ]
        wrong = sum(bool(one["wrong"]) for one in some)
        yield (
            f"| {kind} | {len(some)} | {statistics.median(took):.1f} s, {max(took):.1f} s | "
            f"{', '.join(told[:MOST_SAID])} | {wrong or ''} |"
        )
