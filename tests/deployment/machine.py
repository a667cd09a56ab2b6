"""A fresh Debian that boots: debootstrap makes it, systemd-nspawn runs it with systemd as its first process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

SUITE = "bookworm"
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,curl,procps"
SOURCE = "https://git.example.com/segmentflow.git"
"""What the guide clones; here it leads to a copy of this checkout."""
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def fresh_debian(base: Path) -> Path:
    """What an installer leaves; made once."""
    done = base.with_suffix(".done")
    if not done.exists():
        shutil.rmtree(base, ignore_errors=True)
        base.parent.mkdir(parents=True, exist_ok=True)
        run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(base)])
        done.touch()
    return base


def at_home(root: Path) -> None:
    """What a machine here needs to reach the world: names, certificates, where packages come from."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    # Beside the bundle of the packages, which is made anew when they change.
    shutil.copy(CERTIFICATES, root / "etc/ssl/of-this-machine.crt")
    (root / "etc/pip.conf").write_text("[global]\ncert = /etc/ssl/of-this-machine.crt\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost segments.example.com\n")


class Machine:
    """Shares the network of this one, so nothing else may listen on the ports of the guide."""

    def __init__(self, base: Path, root: Path, *, source: Path) -> None:
        self.root = root
        run(["cp", "-a", "--reflink=auto", f"{base}/.", str(root)])
        at_home(root)
        run(["git", "clone", "--quiet", "--bare", str(source), str(root / "var/source.git")])
        (root / "etc/gitconfig").write_text(
            f'[url "file:///var/source.git"]\n\tinsteadOf = {SOURCE}\n[safe]\n\tdirectory = *\n'
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.leader = 0

    def publish(self, path: str, text: str) -> None:
        """A next version, with one more file, where the guide's `git pull` finds it."""
        work = self.root / "var/next-version"
        git = ["git", "-C", str(work), "-c", "user.name=next", "-c", "user.email=next@example.com"]
        run(["git", "clone", "--quiet", str(self.root / "var/source.git"), str(work)])
        (work / path).write_text(text)
        run([*git, "add", path])
        run([*git, "commit", "--quiet", "--message", "Release the next version"])
        run([*git, "push", "--quiet"])

    def boot(self) -> None:
        options = ["--register=no", "--keep-unit", "--resolv-conf=off", "--console=pipe"]
        self._process = subprocess.Popen(
            ["systemd-nspawn", "-D", str(self.root), "--boot", *options],  # noqa: S607 - as found
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while self.sh("systemctl is-system-running", check=False).strip() != "running":
            assert time.monotonic() < deadline, self.sh("systemctl --failed", check=False)
            time.sleep(0.5)

    def sh(self, script: str, *, check: bool = True, seconds: int = 900) -> str:
        """As root, in a shell that stops at the first command that fails; what was said."""
        if not self.leader:
            self.leader = self._find_leader()
        entered = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-p", "-r", "-w"]
        said = subprocess.run(
            [*entered, "/bin/sh", "-eu"],
            input=script,
            env=CLEAN,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
        assert said.returncode == 0 or not check, f"{script}\n{said.stdout[-4000:]}"
        return said.stdout

    def power_off(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _find_leader(self) -> int:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        deadline = time.monotonic() + 20
        while not (found := children.read_text().split()):
            assert time.monotonic() < deadline, "the machine does not start"
            time.sleep(0.1)
        return int(found[0])


def run(command: list[str], *, seconds: int = 1800) -> str:
    said = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert said.returncode == 0, f"{' '.join(command)}\n{said.stdout[-4000:]}"
    return said.stdout
