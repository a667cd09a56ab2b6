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
import os
import re
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from bench.meanwhile import Events, Processes, Watching
from bench.pages import Site
from bench.people import write_people

SEGMENTS = 16
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
            with server(options, Path(folder) / f"data-{number}") as (url, pid):
                run(url, options, files, number, Processes(pid))


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
def server(options: argparse.Namespace, data: Path) -> Iterator[tuple[str, int | None]]:
    """Its address and main process; django speaks to its database from here on."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    if options.url:
        django.setup()
        yield options.url, None
        return
    from segmentflow.database.location import Location
    from tests.system.installation import Installation

    os.environ["SEGMENTFLOW_ADMIN_PASSWORD"] = options.password
    installation = Installation(data)
    try:
        installation.start()
        os.environ["DATABASE_URL"] = Location(data).url
        connect()
        yield f"http://127.0.0.1:{installation.port}", installation.pid
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


def run(
    url: str,
    options: argparse.Namespace,
    files: dict[str, Path],
    segments: int,
    processes: Processes,
) -> None:
    run_id = uuid.uuid4().hex[:8]
    make_fields()
    make_segments(run_id, segments)
    print(f"\n{options.rows:,} rows, {segments} live segments, {os.cpu_count()} cores")
    for name, path in files.items():
        if options.only_new and name != "new":
            continue
        with Watching(url, options.password) as pages, Events(url, run_id, segments) as events:
            stages = bring(url, options, path, processes)
        print(f"\n{name}:")
        for stage, seconds in stages.seconds.items():
            cpu = ", ".join(
                f"{kind} {1e6 * spent / options.rows:.0f}"
                for kind, spent in stages.cpu.get(stage, {}).items()
            )
            rate = f"{options.rows / seconds:>9,.0f} rows/s"
            print(f"  {stage:<22} {seconds:>7.1f} s  {rate}  {cpu and f'CPU in µs a row: {cpu}'}")
        print(f"  load of the machine     {Path('/proc/loadavg').read_text()[:14]}")
        pages.report()
        events.report()
    processes.report_memory()


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


def bring(url: str, options: argparse.Namespace, path: Path, processes: Processes) -> Stages:
    """What a person does; the seconds of each step."""
    site, stages = Importer(url), Stages(processes)
    site.sign_in("admin", options.password)
    number = stages.time("upload", lambda: site.upload(path))
    stages.time("reading", lambda: wait_for(number, "ready"))

    def press(button: str, until: str) -> None:
        site.press(number, button)
        wait_for(number, until)

    if not options.skip_try:
        stages.time("dry run", lambda: press("try", "ready"))
    stages.time("import", lambda: press("run", "done"))
    stages.time("memberships after it", settled)
    stages.seconds["uploaded to done"] = stages.seconds["reading"] + stages.seconds["import"]
    return stages


class Stages:
    def __init__(self, processes: Processes) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, Counter[str]] = {}
        self._processes = processes

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        begun, before = time.monotonic(), self._processes.cpu()
        answer = work()
        self.seconds[name] = time.monotonic() - begun
        self.cpu[name] = self._processes.cpu() - before
        return answer


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


if __name__ == "__main__":
    main()
