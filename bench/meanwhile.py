"""What everybody else feels while something large is going on: pages, single events, memory."""

from __future__ import annotations

import http.client
import os
import re
import statistics
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.pages import Site

EVERY = 0.2


class Background:
    """Something done every now and then in a thread, until the block ends."""

    def __enter__(self) -> Any:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        from django.db import connection

        while not self._ended.wait(EVERY):
            self.once()
        connection.close()

    def once(self) -> None:
        raise NotImplementedError


class Watching(Background):
    """Asks for one page after the other."""

    def __init__(self, url: str, password: str) -> None:
        self._site = Site(url)
        self._site.sign_in("admin", password)
        self._turn = 0
        self._took: dict[str, list[float]] = {
            path: [] for path in ("/", "/contacts", "a profile", "/segments", "/contacts/imports")
        }

    def once(self) -> None:
        from contacts.models import Contact

        name = list(self._took)[self._turn % len(self._took)]
        self._turn += 1
        first = Contact.objects.order_by("pk").values_list("pk", flat=True).first()
        path = name if name.startswith("/") else f"/contacts/{first}"
        if first is not None:
            self._took[name].append(self._timed(path))

    def _timed(self, path: str) -> float:
        begun = time.perf_counter()
        self._site.get(path)
        return time.perf_counter() - begun

    def report(self) -> None:
        everything = [seconds for took in self._took.values() for seconds in took]
        for name, took in {**self._took, "all": everything}.items():
            print(f"  page {name:<18} {spread(took)}")


class Events(Background):
    """Sends single events and waits for what they move."""

    def __init__(self, url: str, run_id: str, segments: int) -> None:
        from bench.latency import make_key

        parts = urllib.parse.urlsplit(url)
        self._client = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
        self._is_on, self._key, self._run = bool(segments), make_key(), run_id
        self._first = uuid.uuid4().int % 2**31
        self._waits: list[float] = []

    def once(self) -> None:
        from bench.latency import send_and_wait

        if self._is_on:
            number = self._first + len(self._waits)
            wait = send_and_wait(
                self._client, self._key, self._run, number, looks=0.005, patience=60
            )
            self._waits.append(wait)

    def report(self) -> None:
        if self._waits:
            print(f"  event to membership     {spread(self._waits)}")


def spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    ordered = sorted(1000 * each for each in seconds)
    at = [ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.95, 0.99)]
    return (
        f"median {statistics.median(ordered):>5.0f} ms, 95th {at[0]:>5.0f} ms, "
        f"99th {at[1]:>5.0f} ms, longest {ordered[-1]:>5.0f} ms ({len(ordered)})"
    )


class Processes:
    """Those of a server that was started here: what they have used so far."""

    KINDS = {
        "segmentflow.processes.web": "web",
        "segmentflow.processes.cluster": "tasks",
        "postgres": "database",
    }

    def __init__(self, pid: int | None) -> None:
        self._pid = pid

    def cpu(self) -> Counter[str]:
        """Seconds by kind, with children that have ended; for measures that the work of others on this machine
        does not spoil."""
        spent: Counter[str] = Counter()
        for kind, folder in self._all():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            spent[kind] += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # type: ignore[assignment]
        return spent

    def report_memory(self) -> None:
        """The most that one process of a kind has ever had."""
        peaks: Counter[str] = Counter()
        for kind, folder in self._all():
            peak = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
            if peak and kind != "database":
                peaks[kind] = max(peaks[kind], int(peak[1]) // 1024)
        print("\n" + ", ".join(f"largest {kind} process {peak} MB" for kind, peak in peaks.items()))

    def _all(self) -> Iterator[tuple[str, Path]]:
        for pid in self._below(self._pid) if self._pid else ():
            folder = Path(f"/proc/{pid}")
            try:
                command = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            kind = next((kind for part, kind in self.KINDS.items() if part in command), "others")
            yield kind, folder

    def _below(self, pid: int) -> Iterator[int]:
        for list_ in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, list_.read_text().split()):
                yield child
                yield from self._below(child)
