"""manage.py load: what files may look like, what is loaded, and what is said about the rest."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact, Field, PendingMark
from events.keeping import keep_for
from events.models import Event, EventType

pytestmark = pytest.mark.django_db

ANN = {"external_id": "ann", "email": "ann@example.com", "attributes": {"tier": "Gold"}}
PURCHASE = {
    "contact": "ann",
    "type": "Purchase",
    "occurred_at": "2026-01-01T10:00:00Z",
    "message_id": "m1",
    "attributes": {"amount": 12.50},
}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, *rows: Any) -> Path:
    path = Path(name)
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def load(what: str, path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("load", what, path, stdout=out, **options)
    return out.getvalue()


def test_events_that_are_kept_no_longer_are_handed_back():
    keep_for(event_type=EventType.objects.create(key="Purchase"), months=1)
    path = write("old.jsonl", {**PURCHASE, "occurred_at": "2020-01-01T10:00:00Z"})

    load("events", path)

    assert not Event.objects.exists()
    assert "are kept for 1 month" in json.dumps(report(path))


def report(path: Path) -> list[dict[str, Any]]:
    lines = Path(f"{path.name}.refused.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", ["people.jsonl", "people.jsonl.gz"])
def test_contacts_are_loaded_with_their_marks(name):
    said = load("contacts", write(name, ANN, {"external_id": "bob"}))

    assert "2 new contacts" in said
    assert Contact.objects.get(external_id="ann").attributes == {"tier": "Gold"}
    assert PendingMark.objects.count() == 2


def test_missing_fields_are_defined_with_the_type_of_their_values():
    attributes = {
        "born": "1990-02-28",
        "score": 1.5,
        "newsletter": True,
        "tags": ["a", "b"],
        "seen": "2026-01-01T10:00:00Z",
        "mixed": 3,
        "nothing": None,
    }
    other = {"external_id": "b", "attributes": {"mixed": "three", "score": 2}}

    said = load("contacts", write("p.jsonl", {"external_id": "a", "attributes": attributes}, other))

    assert "New field born: date" in said
    assert dict(Field.objects.values_list("key", "type")) == {
        "born": "date",
        "score": "number",
        "newsletter": "boolean",
        "tags": "list",
        "seen": "datetime",
        "mixed": "text",
    }


def test_fields_are_not_defined_when_that_is_not_wanted():
    path = write("p.jsonl", ANN)

    load("contacts", path, no_new_fields=True)

    assert not Field.objects.exists()
    [refused] = report(path)
    assert refused["problems"][0]["path"] == "attributes.tier"


def test_events_are_loaded_and_loading_twice_changes_nothing():
    path = write("e.jsonl", PURCHASE)

    assert "1 new events" in load("events", path)
    assert "0 new events, 1 known already" in load("events", path)
    event = Event.objects.get()
    assert event.occurred_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert event.attributes == {"amount": 12.5}
    assert event.contact.external_id == "ann"


def test_a_contact_may_also_be_an_object():
    load("events", write("e.jsonl", PURCHASE | {"contact": {"email": "Ann@example.com"}}))

    assert Event.objects.get().contact.email == "Ann@example.com"


def test_bad_lines_are_reported_with_their_number_and_reason():
    path = write(
        "e.jsonl",
        PURCHASE,
        "nonsense\n",
        "\n",
        PURCHASE | {"occurred_at": "yesterday", "message_id": "m2"},
        PURCHASE | {"message_id": "m3"},
        '"half a line',
    )

    said = load("events", path)

    assert "2 new events" in said
    assert "3 lines refused" in said
    rows = report(path)
    assert [row["line"] for row in rows] == [2, 4, 6]
    assert rows[0]["content"] == "nonsense"
    assert rows[1]["problems"][0]["path"] == "occurred_at"


def test_a_file_without_bad_lines_leaves_no_report():
    load("events", write("e.jsonl", PURCHASE))

    assert [path.name for path in Path().iterdir()] == ["e.jsonl"]


def test_shifting_makes_the_newest_event_happen_now():
    earlier = PURCHASE | {
        "occurred_at": "2025-12-31T10:00:00Z",
        "message_id": "m0",
        "attributes": {"ends_on": "2026-02-01", "note": "2026"},
    }
    before = datetime.now(tz=UTC)

    load("events", write("e.jsonl", earlier, PURCHASE), shift_to_now=True)

    first, last = Event.objects.order_by("occurred_at")
    assert before <= last.occurred_at <= datetime.now(tz=UTC)
    assert last.occurred_at - first.occurred_at == timedelta(days=1)
    moved = last.occurred_at - datetime(2026, 1, 1, 10, tzinfo=UTC)
    expected = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=moved.days)
    assert first.attributes == {"ends_on": expected.date().isoformat(), "note": "2026"}


def test_contacts_are_loaded_from_a_table():
    Field.objects.create(key="score", label="Score", type="number")
    Field.objects.create(key="tags", label="Tags", type="list")
    Field.objects.create(key="vip", label="VIP", type="boolean")
    path = write(
        "p.csv",
        "\ufeffexternal_id,first_name,score,tags,vip,tier\n",
        'ann,"Ann, the first",12.50,red; blue,TRUE,007\n',
        "bob,,,,,\n",
        "cid,,many,,,\n",
    )

    said = load("contacts", path)

    assert "2 new contacts" in said
    ann = Contact.objects.get(external_id="ann")
    assert ann.first_name == "Ann, the first"
    assert ann.attributes == {"score": 12.5, "tags": ["red", "blue"], "vip": True, "tier": "007"}
    assert Contact.objects.get(external_id="bob").attributes == {}
    [refused] = report(path)
    assert refused["line"] == 4


def test_events_are_loaded_from_a_table():
    path = write(
        "e.csv.gz",
        "contact.email,type,occurred_at,message_id,amount\n",
        "ann@example.com,Purchase,2026-01-01T10:00:00Z,m1,12.50\n",
        "ann@example.com,Purchase,2026-01-01T10:00:00Z,m2,1,2\n",
    )

    assert "1 new events" in load("events", path)
    assert Event.objects.get().attributes == {"amount": "12.50"}
    assert report(path)[0]["line"] == 3


def test_a_line_that_is_not_utf_8_is_refused():
    path = write(
        "e.csv",
        "contact,type,message_id,occurred_at\n",
        "łucja,Żądanie,m1,2026-01-01T10:00:00Z\n",
        "ann,Purch\udcffase,m2,2026-01-01T10:00:00Z\n",
    )

    load("events", path)

    assert Event.objects.get().contact.external_id == "łucja"
    assert "UTF-8" in report(path)[0]["problems"][0]["message"]


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encoding_and_separator_of_a_table_are_found_out(suffix, encoding, separator):
    cells = [["external_id", "city"], ["ann", "Köln"], ["bob", "Århus"]]
    content = "\r\n".join(separator.join(row) for row in cells).encode(encoding)
    path = Path(f"p.{suffix}")
    path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)

    assert "2 new contacts" in load("contacts", path)
    assert {*Contact.objects.values_list("city", flat=True)} == {"Köln", "Århus"}


def test_json_lines_may_have_a_mark_and_be_in_utf_16():
    path = Path("p.jsonl")
    path.write_bytes("\n".join(json.dumps(ANN) for _ in range(2)).encode("utf-16"))

    assert "1 new contacts" in load("contacts", path)
    assert Contact.objects.get().attributes == {"tier": "Gold"}


@pytest.mark.parametrize("what", ["contacts", "events"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.xlsx", b"PK\x03\x04", "perhaps a workbook"),
        ("p.csv", b"\x89PNG\r\n", "perhaps a picture"),
        ("p.csv", gzip.compress(b"external_id\n", mtime=0), "perhaps a gzip archive"),
        ("p.csv", b"external_id,email,email\na,b,c\n", "Two columns are called “email”"),
        ("p.csv", b'"' + b"x" * 2_000_000, "The line is over 1 MB"),
        ("p.jsonl", bytes(range(256)) * 20, "This is no text"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(what, name, content, said):
    path = Path(name)
    path.write_bytes(content)

    with pytest.raises(CommandError, match=said):
        load(what, path)


def test_a_folder_is_refused_with_a_sentence():
    Path("people.csv").mkdir()

    with pytest.raises(CommandError, match="cannot be read"):
        load("contacts", Path("people.csv"))


def test_a_file_that_is_not_there_is_said_in_a_sentence():
    with pytest.raises(CommandError, match="cannot be read"):
        load("events", Path("nowhere.jsonl"))


def test_a_file_that_is_cut_off_is_said_in_a_sentence():
    path = write("e.jsonl.gz", PURCHASE)
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(CommandError, match="cannot be read"):
        load("events", path)


def test_a_file_that_is_damaged_in_the_middle_is_said_in_a_sentence():
    path = write("e.jsonl.gz", *(PURCHASE | {"message_id": f"m{n * 7919}"} for n in range(2_000)))
    content = bytearray(path.read_bytes())
    content[200:260] = b"\xff" * 60
    path.write_bytes(content)

    with pytest.raises(CommandError, match="cannot be read"):
        load("events", path)
