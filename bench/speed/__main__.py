"""script/bench: how fast SegmentFlow is, and how fast others would be on the same data.

script/bench                          everything, at full size: some hours
script/bench --scale 0.05 --runs 3    a twentieth of the contacts and events
script/bench --only ingestion,single --keep /var/tmp/bench
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

SCENARIOS = (
    # By the installation that they need: only one runs at a time.
    "many_segments",
    "single",
    "ingestion",
    "sustained",
    "resources",
    "meanwhile",
    "builder_counts",
    "rebuild",
    "more_contacts",
    "all_anew",
    "deadlines",
    "references",
)


def main() -> None:
    options = parsed()
    # So that what was started is stopped, and a temporary folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = options.keep
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        run(options, folder.absolute())


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scale", type=float, default=1.0, help="1: 1,000,000 contacts")
    parser.add_argument("--runs", type=int, default=5, help="medians are taken of so many")
    parser.add_argument("--only", default="", help=f"some of {', '.join(SCENARIOS)}")
    parser.add_argument("--keep", type=Path, help="keep the installations here, and use them again")
    parser.add_argument("--report", default="", help="bench/results/NAME.json")
    parser.add_argument("--add", action="store_true", help="to the report that there is")
    parser.add_argument("--sites", default="small,full", help="where the steady stream is measured")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/performance.md alone")
    parser.add_argument("--no-check", action="store_true", help="without the check of everything")
    options = parser.parse_args()
    options.only = [name for name in options.only.split(",") if name] or list(SCENARIOS)
    options.report = options.report or ("speed" if options.scale == 1 else "scaled")
    if unknown := set(options.only) - set(SCENARIOS):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    return options


def run(options: argparse.Namespace, folder: Path) -> None:
    from bench.speed import report
    from bench.speed.checking import check
    from bench.speed.findings import Finding
    from bench.speed.stage import SIZES, Stage
    from bench.speed.waiting import say

    stage = Stage(options.scale, options.runs, folder)
    stage.sites = tuple(options.sites.split(","))
    findings: list[Finding] = []
    begun = time.monotonic()
    try:
        for name in options.only:
            say(f"\n{name} ({time.monotonic() - begun:.0f} s after the start)")
            findings += import_module(f"bench.speed.scenario_{name}").run(stage)
        if not options.no_check:
            # The one that runs already first.
            for name in sorted(SIZES, key=lambda name: name != stage.running):
                if (folder / f"{name}.built").exists():
                    with stage.on(name) as site:
                        note = "every contact, all live segments"
                        mistakes = float(check(site))
                        findings.append(
                            Finding("check", f"mistakes, {name}", "", [mistakes], 0, "less", note)
                        )
    finally:
        stage.close()
    seconds = time.monotonic() - begun
    report.write(findings, stage=stage, options=options, seconds=seconds)
    if any("mistakes" in one.name and one.median for one in findings):
        raise SystemExit("Memberships are wrong.")


if __name__ == "__main__":
    main()
