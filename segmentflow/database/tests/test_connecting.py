"""What DATABASE_URL may say, and what is said when it does not hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from segmentflow.database.connecting import LOST_SECONDS, database_settings

ROOT = Path(__file__).resolve().parents[3]
EMBEDDED = "postgresql://segmentflow@/segmentflow?host=/nowhere/run"
FAR = "postgresql://sf:p%40ss@db.example:5433/sales"


def test_without_a_url_it_is_the_embedded_server():
    settings = database_settings("", embedded_url=EMBEDDED)

    assert settings["ENGINE"] == "segmentflow.database.backend"
    assert (settings["NAME"], settings["OPTIONS"]["host"]) == ("segmentflow", "/nowhere/run")
    assert "keepalives_idle" not in settings["OPTIONS"]


def test_either_side_of_a_far_connection_soon_gives_up_the_other():
    settings = database_settings(FAR + "?tcp_user_timeout=1", embedded_url=EMBEDDED)

    assert (settings["HOST"], settings["PASSWORD"]) == ("db.example", "p@ss")
    options = settings["OPTIONS"]
    assert options["keepalives_idle"] < LOST_SECONDS <= 20
    assert options["tcp_user_timeout"] == 1
    assert options["options"].endswith("-c jit=off")
    assert "-c tcp_keepalives_idle=" in options["options"]


def test_what_the_url_asks_of_the_connection_is_passed_on():
    wanted = "?sslmode=verify-full&sslrootcert=/etc/ca.crt"

    options = database_settings(FAR + wanted, embedded_url=EMBEDDED)["OPTIONS"]

    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.crt")


@pytest.mark.parametrize(
    "url",
    [
        "sales",
        "mysql://sf@db.example/sales",
        "sqlite:///sales.db",
        "postgresql://db.example",
        "postgresql://sf@db.example:port/sales",
    ],
)
def test_what_names_no_database_of_postgresql_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="has to be like postgresql://"):
        database_settings(url, embedded_url=EMBEDDED)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sales", "DATABASE_URL has to be like postgresql://"),
        ("postgresql://sf:secret@127.0.0.1:1/sales", "It is the one that DATABASE_URL names."),
    ],
)
def test_a_command_says_in_a_sentence_that_there_is_no_database(url, said):
    done = subprocess.run(
        [sys.executable, "manage.py", "check_memberships"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
