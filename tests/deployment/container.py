"""docs/deployment.md, “A container”: its commands, with podman, on a base that is made here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployment.guide import steps_of
from tests.deployment.machine import at_home, run
from tests.deployment.visitor import Visitor
from tests.system.installation import TOP

BASE = "docker.io/library/debian:bookworm-slim"
SITE = "http://127.0.0.1:8000"
OWN = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
default_subnet = "10.213.64.0/24"
"""
"""An engine that shares nothing with another one on this machine, such as a network of the same addresses."""
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/images"
runroot = "{folder}/run"
"""


@contextmanager
def podman_of_its_own(folder: Path) -> Iterator[dict[str, str]]:
    """Images and containers that go with the test."""
    folder.mkdir()
    (folder / "containers.conf").write_text(OWN.format(folder=folder))
    (folder / "storage.conf").write_text(STORAGE.format(folder=folder))
    environment = os.environ | {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
    }
    try:
        yield environment
    finally:
        sh(
            "set +e; podman stop --all; podman rm --all --force; podman system reset --force",
            environment,
            check=False,
        )


def sh(script: str, environment: dict[str, str], *, check: bool = True) -> str:
    said = subprocess.run(
        ["/bin/sh", "-eu"],
        input=script,
        env=environment,
        cwd=TOP,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1800,
    )
    assert said.returncode == 0 or not check, f"{script}\n{said.stdout[-4000:]}"
    return said.stdout


def import_base(base: Path, folder: Path, environment: dict[str, str]) -> None:
    """In place of the image that a registry would send: a Debian, under its name."""
    root = folder / "base"
    run(["cp", "-a", "--reflink=auto", f"{base}/.", str(root)])
    at_home(root)
    (root / "etc/hosts").unlink()
    sh(f"tar -C {root} -c . | podman import - {BASE}", environment)
    shutil.rmtree(root)


def check_container(base: Path, folder: Path) -> Iterator[str]:
    with podman_of_its_own(folder / "podman") as environment:
        import_base(base, folder, environment)
        build, backup, restore = steps_of("deployment.md", "## A container")
        begun = time.monotonic()
        said = sh(build.text, environment)
        yield f"built and started by the guide in {time.monotonic() - begun:.0f} s"
        yield check_image(environment)
        visitor = Visitor(folder, None)
        proxied = "--header", "X-Forwarded-Proto: https"
        wait_until_healthy(environment)
        assert visitor.ask(f"{SITE}/sign-in", *proxied)[0] == 200
        assert visitor.ask(f"{SITE}/sign-in")[0] == 301
        said = sh("podman logs segmentflow", environment)
        assert "with the password" in said
        assert sh("podman exec segmentflow id -u", environment).strip() == "10001"
        yield ("healthy, as user 10001; what comes by no proxy is sent to https://")
        yield from check_sickness(environment)
        sh(backup.text, environment)
        made = sh("podman exec segmentflow ls /data/backups", environment).strip()
        begun = time.monotonic()
        said = sh(re.sub(r"segmentflow-\d{8}T\d{6}Z\.tar", made, restore.text), environment)
        assert "Restored." in said, said
        wait_until_healthy(environment)
        yield (
            f"a backup was restored in a container of its own, and it was healthy again after {time.monotonic() - begun:.0f} s"
        )
        begun = time.monotonic()
        sh("podman stop segmentflow", environment)
        code = sh("podman inspect segmentflow --format '{{.State.ExitCode}}'", environment).strip()
        assert code == "0", code
        yield (f"stopped in order in {time.monotonic() - begun:.1f} s")


def check_image(environment: dict[str, str]) -> str:
    [image] = json.loads(sh("podman image inspect segmentflow", environment))
    [base] = json.loads(sh(f"podman image inspect {BASE}", environment))
    assert image["User"] == "10001"
    assert image["Config"]["Volumes"] == {"/data": {}}
    assert image["Healthcheck"]["Test"][0] == "CMD"
    own = (image["Size"] - base["Size"]) / 1e6
    return f"the image is {own:.0f} MB more than its base"


def check_sickness(environment: dict[str, str]) -> Iterator[str]:
    """With a database that is frozen."""
    to_database = (
        "podman exec segmentflow sh -c 'kill -{} $(head -n 1 /data/postgres/postmaster.pid)'"
    )
    sh(to_database.format("STOP"), environment)
    said = sh("podman healthcheck run segmentflow || echo status $?", environment)
    assert said.endswith("status 1\n"), said
    told = json.loads(sh("podman inspect segmentflow", environment))[0]["State"]["Health"]["Log"]
    assert "The database does not answer" in told[-1]["Output"], told
    sh(to_database.format("CONT"), environment)
    wait_until_healthy(environment)
    yield f"unhealthy while its database is frozen, and says: {told[-1]['Output'].strip()}"


def wait_until_healthy(environment: dict[str, str]) -> None:
    """As the engine's timer would ask: without systemd on the host, nothing asks by itself."""
    deadline = time.monotonic() + 180
    asking = "podman healthcheck run segmentflow 2>&1; echo status $?"
    while not (said := sh(asking, environment, check=False)).endswith("status 0\n"):
        assert time.monotonic() < deadline, said + sh("podman logs segmentflow", environment)
        time.sleep(1)
