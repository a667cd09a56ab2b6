"""Prints what was found, keeps it as JSON, and writes it into docs/performance.md."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bench import scale
from bench.publishing import RESULTS, TOP, machine, write_between
from bench.speed.findings import Finding
from bench.speed.stage import Stage

DOCS = TOP / "docs" / "performance.md"


def write(
    findings: Sequence[Finding], *, stage: Stage, options: argparse.Namespace, seconds: float
) -> None:
    about = _about(stage, seconds)
    print_table(findings)
    RESULTS.mkdir(exist_ok=True)
    # An absolute name stands for itself.
    path = RESULTS / f"{options.report}.json"
    findings = [replace(finding, measured=_measured(about)) for finding in findings]
    if options.add and path.exists():
        findings = _added(json.loads(path.read_text()), findings)
    data = about | {"findings": [finding.as_data() for finding in findings]}
    path.write_text(json.dumps(data, indent=1, default=str) + "\n")
    print(f"\n{path}; {seconds:.0f} s in all")
    if not options.no_docs:
        write_between(DOCS, "bench", _markdown(findings, about))
        scale.DOCS.write_text(scale.written(scale.DOCS.read_text(), scale.figures()))


def _added(report: dict[str, Any], findings: Sequence[Finding]) -> list[Finding]:
    """What an earlier run found in other scenarios stays; ratios are of one run all the same."""
    known = [Finding.of_data(one) for one in report["findings"]]
    places = list(dict.fromkeys(one.scenario for one in [*known, *findings]))
    measured = {finding.scenario for finding in findings}
    kept = [
        replace(one, measured=one.measured or _measured(report))
        for one in known
        if one.scenario not in measured
    ]
    return sorted([*kept, *findings], key=lambda one: places.index(one.scenario))


def _measured(about: dict[str, Any]) -> str:
    return f"{about['at'][:10]}, {about['machine']['processor']}"


def print_table(findings: Sequence[Finding]) -> None:
    print()
    for finding in findings:
        bar = "" if finding.bar is None else f"bar {_shown(finding.bar)}"
        met = {None: "", True: "met", False: "NOT MET"}[finding.is_met]
        value = f"{_shown(finding.median)} {finding.unit}"
        spread = f"[{', '.join(map(_shown, finding.runs))}]" if len(finding.runs) > 1 else ""
        print(f"{finding.scenario:<15} {finding.name:<58} {value:>18} {bar:<10} {met:<8}{spread}")


def _about(stage: Stage, seconds: float) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"python": platform.python_version(), "postgresql": stage.server_version},
        "scale": stage.scale,
        "runs": stage.runs,
        "data": {
            name: dict(zip(("contacts", "events"), stage.size(name), strict=True))
            for name in ("fewer", "small", "full")
        },
        "live_segments": stage.segments + 1,
        "prepared_in_seconds": stage.said,
        "seconds": round(seconds),
    }


def _markdown(findings: Sequence[Finding], about: dict[str, Any]) -> str:
    machine, versions, sizes = about["machine"], about["versions"], about["data"]
    small, full = sizes["small"], sizes["full"]
    lines = [
        f"Measured on {about['at'][:10]} by `script/bench --scale {about['scale']:g}`: "
        f"{machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {versions['python']}, "
        f"PostgreSQL {versions['postgresql']}. “Small” has {small['contacts']:,} contacts and "
        f"{small['events']:,} events, “full” {full['contacts']:,} and {full['events']:,}; both "
        f"have {about['live_segments']} live segments unless it says otherwise. Medians; in brackets the least and "
        "the most of the runs, where there was more than one. What was measured at another time says when.",
        "",
        "| what | measured | bar | |",
        "|---|---|---|---|",
    ]
    shown = ""
    for finding in findings:
        if finding.scenario != shown:
            shown = finding.scenario
            other = "" if finding.measured == _measured(about) else f" ({finding.measured})"
            lines.append(f"| **{shown.replace('_', ' ')}**{other} | | | |")
        lines.append(_row(finding))
    return "\n".join(lines)


def _row(finding: Finding) -> str:
    value = f"{_shown(finding.median)} {finding.unit}".strip()
    if len(finding.runs) > 1:
        spread = f"{_shown(min(finding.runs))} to {_shown(max(finding.runs))}"
        value += f" [{spread}, {len(finding.runs)} runs]"
    sign = "at least" if finding.better == "more" else "at most"
    bar = "" if finding.bar is None else f"{sign} {_shown(finding.bar)}"
    met = {None: "", True: "met", False: "**not met**"}[finding.is_met]
    note = f" ({finding.note})" if finding.note else ""
    return f"| {finding.name}{note} | {value} | {bar} | {met} |"


def _shown(value: float) -> str:
    if value != value:
        return "?"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
