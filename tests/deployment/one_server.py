"""docs/deployment.md, “One server” and “A PostgreSQL of your own”, on a Debian with systemd."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.deployment.guide import steps_of, write_to
from tests.deployment.machine import Machine, run
from tests.deployment.visitor import NAME, Visitor

SITE = f"https://{NAME}"
EVENTS = 500
PEOPLE_FILE = "external_id,first_name\n" + "".join(f"p-{n},Anna {n}\n" for n in range(400_000))


def follow(machine: Machine, heading: str) -> None:
    for step in steps_of("deployment.md", heading):
        if step.path:
            write_to(machine.root, step)
        else:
            machine.sh(step.text)


def make_certificate(machine: Machine) -> Path:
    """Of the kind that a certificate authority would give."""
    place = machine.root / "etc/ssl/segmentflow"
    place.mkdir(parents=True)
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(place / "privkey.pem"), "-out", str(place / "fullchain.pem")]
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files])
    return place / "fullchain.pem"


def check_one_server(machine: Machine, folder: Path) -> Iterator[str]:
    """Follows the guide; tells what was seen."""
    visitor = Visitor(folder, make_certificate(machine))
    begun = time.monotonic()
    follow(machine, "## One server")
    yield f"installed and started by the guide in {time.monotonic() - begun:.0f} s"
    said = machine.sh('journalctl -u segmentflow | grep "with the password"')
    password = re.search(r"with the password\s+(\S+)", said)
    assert password, said
    yield f"first page over TLS after {visitor.until_ready(f'{SITE}/sign-in'):.1f} s more"
    yield from check_proxy(visitor)
    visitor.sign_in(SITE, password[1])
    assert visitor.ask(f"{SITE}/")[0] == 200
    yield "signed in with the password from the journal"
    yield from check_hardening(machine)
    yield from check_import(visitor, folder)
    yield from check_work(machine, visitor)
    yield from check_backup(machine)


def check_proxy(visitor: Visitor) -> Iterator[str]:
    status, head, _ = visitor.ask(f"http://{NAME}/sign-in")
    assert (status, f"location: {SITE}/sign-in" in head) == (301, True)
    _, head, _ = visitor.ask(f"{SITE}/sign-in")
    assert "strict-transport-security: max-age=31536000" in head
    cookies = re.findall(r"^set-cookie: .*$", head, re.M)
    assert cookies, head
    assert all("; secure" in cookie for cookie in cookies)
    forged = ["--header", "X-Forwarded-Proto: http"]
    assert visitor.ask(f"{SITE}/sign-in", *forged)[0] == 200  # nginx says what it was itself
    yield "plain HTTP is redirected, HSTS is set, cookies are secure, a forged header changes nothing"


def check_hardening(machine: Machine) -> Iterator[str]:
    machine.sh("systemd-analyze verify /etc/systemd/system/segmentflow*.service")
    said = machine.sh("systemd-analyze security segmentflow.service", check=False)
    score = re.search(r"Overall exposure level.*: ([\d.]+) (\w+)", said)
    assert score, said
    assert float(score[1]) < 3
    main = machine.sh("systemctl show -P MainPID segmentflow").strip()
    status = machine.sh(f"cat /proc/{main}/status")
    assert re.search(r"NoNewPrivs:\s+1\n", status), status
    assert re.search(r"Seccomp:\s+2\n", status), status
    inside = f"nsenter -t {main} -m -S $(id -u segmentflow) -G $(id -g segmentflow) --"
    for place in ("/srv/segmentflow/x", "/etc/x", "/var/backups/segmentflow/x"):
        assert "Read-only" in machine.sh(f"{inside} touch {place}", check=False)
    machine.sh(f"{inside} touch /var/lib/segmentflow/x && rm /var/lib/segmentflow/x")
    yield f"systemd-analyze security: exposure {score[1]} ({score[2]}); writes nowhere but its data"


def check_import(visitor: Visitor, folder: Path) -> Iterator[str]:
    file = folder / "people.csv"
    file.write_text(PEOPLE_FILE)
    _, _, page = visitor.ask(f"{SITE}/contacts/imports")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    fields = ["--form", f"csrfmiddlewaretoken={token[1]}", "--form", f"file=@{file}"]
    status, head, body = visitor.ask(
        f"{SITE}/contacts/imports", "--referer", f"{SITE}/contacts/imports", *fields
    )
    assert status in (200, 302, 303), f"{status}\n{head}\n{body[:2000]}"
    yield f"a file of {file.stat().st_size / 1e6:.1f} MB to import came through nginx"


def check_work(machine: Machine, visitor: Visitor) -> Iterator[str]:
    """Events are stored, those sent while it restarts are refused or stored, and it comes back."""
    key = machine.sh("segmentflow create_api_key shop --scopes ingest,read,write").split()[-1]
    too_long = {"events": [{"x": "y" * 12_000_000}]}
    assert send_event(visitor, key, 0) == 202
    large = machine.root / "large.json"
    large.write_text(str(too_long))
    assert visitor.ask(f"{SITE}/api/v1/events", "--data", f"@{large}")[0] == 413
    begun = time.monotonic()
    machine.sh("systemctl restart segmentflow")
    restart = visitor.until_ready(f"{SITE}/sign-in") + time.monotonic() - begun
    main = machine.sh("systemctl show -P MainPID segmentflow").strip()
    machine.sh(f"kill -9 {main}")
    killed = visitor.until_ready(f"{SITE}/sign-in")
    for number in range(1, EVENTS):
        assert send_event(visitor, key, number) == 202
    machine.sh("segmentflow settle; segmentflow check_memberships")
    begun = time.monotonic()
    machine.sh("systemctl stop segmentflow")
    stopped = time.monotonic() - begun
    assert machine.sh("pgrep -u segmentflow -c .", check=False).strip() == "0"
    machine.sh("systemctl start segmentflow")
    visitor.until_ready(f"{SITE}/sign-in")
    assert count_events(machine) == EVENTS
    yield (
        f"restart {restart:.1f} s, back after kill -9 in {killed:.1f} s, stop {stopped:.1f} s, no process left"
    )
    yield f"{EVENTS} of {EVENTS} events are there; bodies of 12 MB are refused with 413"


def send_event(visitor: Visitor, key: str, number: int) -> int:
    event = {
        "contact": {"external_id": f"c-{number % 50}"},
        "type": "Purchase",
        "message_id": f"m-{number}",
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    return visitor.send(SITE, key, "/api/v1/events", {"events": [event]})


def count_events(machine: Machine) -> int:
    count = "from events.models import Event; print('events', Event.objects.count())"
    said = machine.sh(f'segmentflow shell -v 0 -c "{count}"')
    return int(said.split("events ")[1].split()[0])


def check_backup(machine: Machine) -> Iterator[str]:
    machine.sh("systemctl start segmentflow-backup.service")
    said = machine.sh("stat -c '%a %U %n' /var/backups/segmentflow/*.tar").strip()
    assert said.startswith("600 segmentflow /var/backups/segmentflow/segmentflow-"), said
    machine.sh(f"segmentflow restore --check {said.split()[2]}")
    assert "segmentflow-backup.timer" in machine.sh("systemctl list-timers --no-pager")
    log = machine.sh("journalctl -u segmentflow-backup.service -o cat --no-pager")
    made = re.search(r"[\d.,]+ MB in [\d.,]+ s, [\d,]+ rows.*", log)
    assert made, log
    yield f"the service of the timer made a backup: {made[0]}"


def check_own_postgresql(machine: Machine, folder: Path) -> Iterator[str]:
    follow(machine, "## A PostgreSQL of your own")
    visitor = Visitor(folder, machine.root / "etc/ssl/segmentflow/fullchain.pem")
    visitor.until_ready(f"{SITE}/sign-in")
    version = machine.sh("runuser -u postgres -- psql -Atc 'SHOW server_version'").split()[0]
    assert count_events(machine) == EVENTS
    machine.sh("segmentflow settle; segmentflow check_memberships")
    inside = machine.sh("ps -u segmentflow -o args=")
    assert "bin/postgres" not in inside
    assert "choose-a-long-one" not in inside  # no password on a command line
    machine.sh(
        "segmentflow backup /var/backups/segmentflow/own.tar && segmentflow restore --check /var/backups/segmentflow/own.tar"
    )
    yield (
        f"moved to Debian's PostgreSQL {version} by backup and restore: {EVENTS} of {EVENTS} events are there,"
        " every membership is right, and backups go on"
    )
