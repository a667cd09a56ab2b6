"""How fast a file of contacts becomes contacts, and what everybody else feels of it.

    python -m bench.imports --rows 1000000

Starts an installation of its own in a temporary directory and goes through the pages as a person
does: brings the file, tries it, runs it; then once more, and once more with every tenth row changed.
All that without live segments and again with 16 of them, half of which look at what is imported.
Meanwhile pages are asked for every 200 ms and, with segments, single events are sent whose
memberships are waited for. `--url`, `--password` and DATABASE_URL take a running server instead.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from bench.pages import Site
from bench.people import write_people

SEGMENTS = 16
EVERY = 0.2
PATIENCE = 3600
PASSWORD = "bench-password-1"  # noqa: S105 - of a server that vanishes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--segments", type=int, nargs="*", default=[0, SEGMENTS])
    parser.add_argument("--skip-try", action="store_true", help="no dry run")
    parser.add_argument("--only-new", action="store_true", help="only the first import")
    parser.add_argument("--url", help="of a running server; its DATABASE_URL has to be set")
    parser.add_argument("--password", default=PASSWORD)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        files = make_files(Path(folder), options.rows)
        for number in options.segments:
            with server(options, Path(folder) / f"data-{number}") as url:
                run(url, options, files, number)


def make_files(folder: Path, rows: int) -> dict[str, Path]:
    files = {
        "new": folder / "new.csv",
        "again": folder / "new.csv",
        "a tenth": folder / "tenth.csv",
    }
    write_people(files["new"], rows=rows)
    write_people(files["a tenth"], rows=rows, changed=10)
    return files


@contextmanager
def server(options: argparse.Namespace, data: Path) -> Iterator[str]:
    """Its address; django speaks to its database from here on."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    if options.url:
        django.setup()
        yield options.url
        return
    from segmentflow.database.location import Location
    from tests.system.installation import Installation

    os.environ["SEGMENTFLOW_ADMIN_PASSWORD"] = options.password
    installation = Installation(data)
    installation.start()
    os.environ["DATABASE_URL"] = Location(data).url
    try:
        connect()
        yield f"http://127.0.0.1:{installation.port}"
    finally:
        from django.db import connections

        connections.close_all()
        installation.stop()


def connect() -> None:
    """Django to the database of the server of this round."""
    import dj_database_url
    from django.conf import settings
    from django.db import connections

    django.setup()
    connections.close_all()
    settings.DATABASES["default"] |= dj_database_url.parse(os.environ["DATABASE_URL"])
    connections["default"].settings_dict |= settings.DATABASES["default"]


def run(url: str, options: argparse.Namespace, files: dict[str, Path], segments: int) -> None:
    run_id = uuid.uuid4().hex[:8]
    make_fields()
    make_segments(run_id, segments)
    print(f"\n{options.rows:,} rows, {segments} live segments, {os.cpu_count()} cores")
    for name, path in files.items():
        if options.only_new and name != "new":
            continue
        with Watching(url, options.password) as pages, Events(url, run_id, segments) as events:
            stages = bring(url, options, path)
        print(f"\n{name}:")
        for stage, seconds in stages.items():
            print(f"  {stage:<22} {seconds:>7.1f} s  {options.rows / seconds:>9,.0f} rows/s")
        pages.report()
        events.report()
    report_memory()


def make_fields() -> None:
    from bench.people import FIELDS
    from contacts.fields import create_field
    from segmentflow.clock import current_time

    for key, type_ in FIELDS.items():
        create_field(raw={"key": key, "type": type_}, now=current_time())


def make_segments(run_id: str, number: int) -> None:
    """Half of them about fields of the file, half about the events that are sent meanwhile."""
    from bench.latency import condition, wait_until_built
    from events.models import EventType
    from segmentflow.clock import current_time
    from segments.services import create_segment

    event = f"Purchase {run_id}"
    EventType.objects.create(key=event, value_attribute="amount")
    kinds = [{"operator": "greater_than", "value": 500}, {"operator": "less_than", "value": 300}]
    fields: list[dict[str, Any]] = [
        *({"field": "Points", **kind} for kind in kinds),
        *({"field": "Tier", "operator": "equals", "value": tier} for tier in ("Gold", "Silver")),
        {"field": "country", "operator": "equals", "value": "DE"},
        {"field": "SMS_consent", "operator": "is_true"},
        {"field": "email", "operator": "contains", "value": "anna"},
        {"field": "city", "operator": "equals", "value": "Oslo"},
    ]
    keys = []
    for place in range(number):
        half = place // 2
        told = {"kind": "field", **fields[half % 8]} if place % 2 else condition(event, half)
        keys.append(f"bench-{run_id}-{place}")
        definition = {"kind": "group", "match": "all", "children": [told]}
        create_segment(
            key=keys[-1], name=keys[-1], definition=definition, author=None, now=current_time()
        )
    wait_until_built(keys)


def bring(url: str, options: argparse.Namespace, path: Path) -> dict[str, float]:
    """What a person does; the seconds of each step."""
    site, stages = Importer(url), Stages()
    site.sign_in("admin", options.password)
    number = stages.time("upload", lambda: site.upload(path))
    stages.time("reading", lambda: wait_for(number, "ready"))
    if not options.skip_try:
        stages.time("dry run", lambda: site.press(number, "try") or wait_for(number, "ready"))
    stages.time("import", lambda: site.press(number, "run") or wait_for(number, "done"))
    stages.seconds["until memberships stand"] = stages.seconds["import"] + timed(settled)
    stages.seconds["uploaded to done"] = stages.seconds["reading"] + stages.seconds["import"]
    return stages.seconds


class Stages:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        answer = work()
        self.seconds[name] = time.monotonic() - begun
        return answer


def timed(work: Callable[[], Any]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


class Importer(Site):
    """A visitor who brings files."""

    def token(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).decode())
        if found is None:
            raise SystemExit(f"There is no form on {path}.")
        return found[1]

    def upload(self, path: Path) -> int:
        """Streamed, as browsers do; the number of the import it became."""
        border = uuid.uuid4().hex
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.token('/contacts/imports')}\r\n--{border}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        tail = f"\r\n--{border}--\r\n".encode()
        request = urllib.request.Request(  # noqa: S310 - the server we have started
            f"{self.url}/contacts/imports",
            data=_pieces(head, path, tail),
            headers={
                "Content-Type": f"multipart/form-data; boundary={border}",
                "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
            },
        )
        with self._opener.open(request, timeout=600) as response:
            return int(response.url.rpartition("/")[2])

    def press(self, number: int, action: str) -> None:
        path = f"/contacts/imports/{number}"
        form = {"csrfmiddlewaretoken": self.token(path), "action": action}
        data = urllib.parse.urlencode(form).encode()
        with self._opener.open(self.url + path, data, timeout=120) as response:
            response.read()


def _pieces(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while piece := file.read(256 * 1024):
            yield piece
    yield tail


def wait_for(number: int, state: str) -> None:
    from contacts.models import ContactImport

    until = time.monotonic() + PATIENCE
    while (found := ContactImport.objects.get(pk=number)).state != state:
        if found.state in ("failed", "cancelled") or time.monotonic() > until:
            raise SystemExit(f"the import is {found.state}: {found.error}")
        time.sleep(0.1)


def settled() -> None:
    from contacts.models import PendingMark

    while PendingMark.objects.exists():
        time.sleep(0.1)


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
            self._took[name].append(timed(lambda: self._site.get(path)))

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


def report_memory() -> None:
    """The most that a process of the server has ever had in memory."""
    peaks: dict[str, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text().replace("\0", " ")
            peak = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
        except OSError:
            continue
        for part in ("web", "cluster"):
            if peak and f"segmentflow.processes.{part}" in command:
                peaks[part] = max(peaks.get(part, 0), int(peak[1]) // 1024)
    print("\n" + ", ".join(f"largest {part} process {peak} MB" for part, peak in peaks.items()))


if __name__ == "__main__":
    main()
