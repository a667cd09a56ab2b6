"""What an installation needs before its processes can start, made when it is missing."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from segmentflow import machines
from segmentflow.database.location import Location
from segmentflow.models import User
from segmentflow.processes.lifeline import die_with
from segmentflow.roles import ADMINS

OLDEST_SERVER = 15
FIRST_ADMIN = "admin"


class Unsuitable(Exception):
    """The database server is not one we can work with."""


def keep_secret_key(location: Location) -> None:
    """Make the key once; nobody but its owner may read it."""
    if location.secret_key.exists():
        return
    # Under another name until it is whole: a start that was interrupted leaves no empty key.
    unfinished = location.secret_key.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as stream:
        stream.write(secrets.token_urlsafe(50) + "\n")
    unfinished.rename(location.secret_key)


def join_machines(location: Location, *, is_shared: bool) -> str:
    """The name of this start among those that share the database, if they have the same secret key."""
    key = os.environ.get("SECRET_KEY") or location.secret_key.read_text().strip()
    try:
        if is_shared:
            machines.check_key([key, *settings.SECRET_KEY_FALLBACKS])
    except machines.AnotherKey as problem:
        raise Unsuitable(str(problem)) from None
    machines.forget_gone()
    return machines.name_for(key)


def check_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    if version < OLDEST_SERVER:
        raise Unsuitable(
            f"DATABASE_URL leads to PostgreSQL {version}; SegmentFlow needs {OLDEST_SERVER} or newer."
        )
    _check_letters()


def _check_letters() -> None:
    """Texts compare without regard to case; in the locale C only those without accents would."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        knows_letters = cursor.fetchone()[0] == "UTF8"
        if knows_letters:
            cursor.execute("SELECT lower(%s) = %s", ["Ż", "ż"])
            (knows_letters,) = cursor.fetchone()
    if not knows_letters:
        raise Unsuitable(
            "The database does not know the letters of all languages. Create it with"
            " ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0 (or another UTF-8 locale)."
        )


def migrate_database(is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Also grants the roles their rights (roles.py)."""
    call_command("migrate", interactive=False, verbosity=0, is_stopping=is_stopping)


def apply_zone() -> None:
    """Segments follow the days of another TIME_ZONE than at the last start (segments/zone.py)."""
    call_command("apply_zone")


def make_first_admin() -> str | None:
    """The password, when there was no administrator and one has been made."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = os.environ.get("SEGMENTFLOW_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
    admin = User.objects.create_superuser(FIRST_ADMIN, password=password)
    admin.groups.add(Group.objects.get(name=ADMINS))
    return password


def collect_static(location: Location, environment: Mapping[str, str]) -> None:
    """Collect the static files, unless the ones collected before are the same."""
    stamp = location.static / ".collected"
    found = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return
    subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "collectstatic", "--noinput", "--clear"],
        env={**environment, "SEGMENTFLOW_STATIC": "collected"},
        check=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=partial(die_with, os.getpid(), signal.SIGKILL),
    )
    stamp.write_text(found)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = Path(storage.path(name)).stat()
            digest.update(f"{name} {file.st_size} {file.st_mtime_ns}\n".encode())
    return digest.hexdigest()
