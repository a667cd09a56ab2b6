"""What all who measure have in common: what they say about the machine, and how it gets into the documents."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
RESULTS = TOP / "bench" / "results"


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "processor": model[1] if model else platform.machine(),
        "system": platform.system(),
        "load": Path("/proc/loadavg").read_text().split()[:3],
    }


def write_between(page: Path, mark: str, text: str) -> None:
    """Between the page's two marks, which it has; the rest is written by hand."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    written = page.read_text()
    if begin not in written or end not in written:
        raise SystemExit(f"{page} has no {begin} and {end}")
    block = f"{begin}\n\n{text.strip()}\n\n{end}"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    page.write_text(re.sub(pattern, lambda _: block, written, count=1, flags=re.DOTALL))
