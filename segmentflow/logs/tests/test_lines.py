"""Lines of the log, for people and for programs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from segmentflow.logs.lines import as_line
from segmentflow.logs.tests.captured import captured

AT = datetime(2026, 11, 29, 19, 30, 5, tzinfo=UTC)


@pytest.fixture
def _as_json(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")


def test_a_record_is_an_object_with_its_traceback():
    with captured() as log:
        try:
            raise ValueError("anna@example.com is not a number")
        except ValueError:
            logging.getLogger("some.module").exception("it failed", extra={"segment": "vips"})

    told = json.loads(log.json)
    assert told["level"] == "ERROR"
    assert told["logger"] == "some.module"
    assert told["message"] == "it failed"
    assert told["segment"] == "vips"
    assert told["time"].endswith("+00:00")
    assert "ValueError: [email] is not a number" in told["exc_info"]


def test_people_read_time_process_and_line():
    assert as_line("INFO x: y", name="web", at=AT) == "19:30:05 web      | INFO x: y"


@pytest.mark.usefixtures("_as_json")
def test_programs_get_objects_from_every_process():
    passed_on = json.loads(as_line('{"level": "INFO", "message": "x"}', name="web", at=AT))
    made = json.loads(as_line('ERROR:  relation "x" does not exist', name="database", at=AT))

    assert passed_on == {"process": "web", "level": "INFO", "message": "x"}
    assert made["level"] == "ERROR"
    assert made["process"] == "database"


@pytest.mark.usefixtures("_as_json")
def test_what_the_database_says_of_people_is_masked():
    assert "anna" not in as_line("DETAIL:  Key (email)=(anna@x.pl).", name="database", at=AT)
