"""Runs: planned once, written whole, tried again, never two at a time."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from django.db import connection

from contacts.problems import Conflict, Refused
from outbound.exports.locks import alone_with
from outbound.exports.looking import next_at, ready
from outbound.exports.models import Export, ExportRun
from outbound.exports.planning import follow_zone, plan_due
from outbound.exports.running import TRIED_FOR, run_one
from outbound.exports.services import (
    change_export,
    delete_export,
    pause_export,
    resume_export,
    run_now,
)
from outbound.exports.tests.made import make_export
from outbound.exports.wakes import Looking
from outbound.exports.wanted import wanted_of
from segments.models import Segment
from segments.services import delete_segment, update_segment
from segments.tests.made import (
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    queries_of,
    settled,
)
from segments.zone import change_zone

pytestmark = pytest.mark.django_db
State = ExportRun.State
HOUR = timedelta(hours=1)


@pytest.fixture
def vips():
    make_field()
    make_contact("anna", email="anna@example.com", attributes={"tier": "Gold"})
    make_contact("ben", email="=cmd|x", attributes={"tier": "Gold"})
    make_contact("cem", attributes={"tier": "Silver"})
    return settled(make_segment(definition=GOLD))


def written(export, *, now=NOW):
    """The newest run after all that is due has been done."""
    plan_due(now=now)
    while run_one(clock=lambda: now):
        pass
    return export.runs.first()


def test_members_are_written_as_csv_that_no_spreadsheet_runs(vips, folder):
    export = make_export(vips, folder="crm/daily")
    run_now(export=export, by=None, now=NOW)

    run = written(export)

    assert (run.state, run.rows) == (State.DONE, 2)
    assert run.file == "crm/daily/vips-2026-11-20-120000.csv"
    content = (folder / run.file).read_bytes()
    assert content.decode().splitlines() == [
        "external_id,email,entered_at",
        "anna,anna@example.com,2026-11-20T12:00:00Z",
        "ben,'=cmd|x,2026-11-20T12:00:00Z",
    ]
    assert run.size == len(content)


def test_json_lines_have_chosen_fields_and_may_be_compressed(vips, folder):
    export = make_export(vips, kind="jsonl", is_gzip=True, columns=("id", "attributes.tier"))
    run_now(export=export, by=None, now=NOW)

    run = written(export)

    lines = gzip.decompress((folder / run.file).read_bytes()).splitlines()
    assert [json.loads(line)["attributes"] for line in lines] == [{"tier": "Gold"}] * 2
    assert run.file.endswith(".jsonl.gz")


def test_what_was_missed_while_the_machine_was_off_runs_once(vips):
    export = make_export(vips, schedule="hourly")
    later = NOW + timedelta(days=3, minutes=7)

    written(export, now=later)

    assert export.runs.count() == 1
    export.refresh_from_db()
    assert export.next_at == NOW + timedelta(days=3) + HOUR


def test_it_is_due_at_its_time_and_not_before(vips):
    export = make_export(vips)

    due = NOW + timedelta(hours=18)
    assert next_at(NOW) == export.next_at == due
    assert plan_due(now=due - timedelta(seconds=1)) == 0
    assert plan_due(now=due) == 1


def test_the_watcher_looks_once_a_second_and_when_something_is_due(vips):
    make_export(vips)
    looking, due = Looking(), NOW + timedelta(hours=18)

    assert looking.look(NOW) == due
    assert queries_of(lambda: looking.look(NOW + timedelta(milliseconds=250))) == 0
    assert queries_of(lambda: looking.look(NOW + timedelta(seconds=1))) > 0
    assert queries_of(lambda: looking.look(due)) > 0


def test_one_that_runs_is_left_alone_and_its_next_waits(vips):
    export = make_export(vips, schedule="hourly")
    plan_due(now=NOW + HOUR)
    export.runs.update(state=State.RUNNING)

    with alone_with(export.pk):
        assert ready(NOW + 2 * HOUR) == []
        assert next_at(NOW + 2 * HOUR) is None
        assert plan_due(now=NOW + 2 * HOUR) == 0
        with pytest.raises(Conflict):
            run_now(export=export, by=None, now=NOW)


def test_a_run_whose_worker_was_killed_is_run_again(vips):
    export = make_export(vips)
    run = run_now(export=export, by=None, now=NOW)
    ExportRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, attempts=1, begun_at=NOW, tried_at=NOW
    )

    assert next_at(NOW + HOUR) == NOW + HOUR
    again = written(export, now=NOW + HOUR)

    assert (again.pk, again.state, again.attempts) == (run.pk, State.DONE, 2)
    assert again.file == "vips-2026-11-20-120000.csv"


def test_one_that_kills_who_tries_it_waits_longer_and_longer(vips):
    export = make_export(vips)
    run = run_now(export=export, by=None, now=NOW)
    ExportRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, attempts=4, begun_at=NOW, tried_at=NOW
    )

    run = written(export)

    assert (run.state, run.try_at) == (State.WAITING, NOW + timedelta(minutes=8))


def test_a_folder_that_cannot_be_written_is_said_and_tried_for_a_day(vips, folder):
    folder.mkdir()
    (folder / "crm").write_text("a file where the folder should be")
    export = make_export(vips, folder="crm", schedule="hand")
    run_now(export=export, by=None, now=NOW)

    run, now = written(export), NOW
    assert run.state == State.WAITING
    assert run.said.startswith("The file cannot be written")
    while run.state == State.WAITING:
        now = run.try_at
        run = written(export, now=now)

    assert run.state == State.FAILED
    assert TRIED_FOR - HOUR <= now - NOW <= TRIED_FOR
    assert run.attempts < 40


def test_a_newer_run_takes_the_place_of_one_that_waits(vips, folder):
    folder.mkdir()
    (folder / "crm").write_text("")
    export = make_export(vips, folder="crm", schedule="hourly")
    written(export, now=NOW + HOUR)
    (folder / "crm").unlink()

    # Due again, when the one before would be tried again as well.
    run = written(export, now=NOW + 2 * HOUR)

    assert [one.state for one in export.runs.all()] == [State.DONE, State.FAILED]
    assert run.rows == 2


def test_a_change_is_tried_at_once(vips, folder):
    folder.mkdir()
    (folder / "crm").write_text("")
    export = make_export(vips, folder="crm", schedule="hand")
    run_now(export=export, by=None, now=NOW)
    written(export)
    wanted = wanted_of(export)

    change_export(
        export=export, wanted=type(wanted)(name="x", columns=("id",), folder="erp"), now=NOW
    )

    assert written(export).file == "erp/vips-2026-11-20-120000.csv"


def test_so_many_files_stay_and_one_of_the_same_name_is_written_over(
    vips, folder, django_capture_on_commit_callbacks
):
    export = make_export(vips, keeps=2)
    latest = make_export(vips, name="Latest", pattern="latest", keeps=1)
    for hours in range(4):
        for one in (export, latest):
            run_now(export=one, by=None, now=NOW + hours * HOUR)
            with django_capture_on_commit_callbacks(execute=True):
                written(one, now=NOW + hours * HOUR)

    assert sorted(path.name for path in folder.iterdir()) == [
        "latest.csv",
        "vips-2026-11-20-140000.csv",
        "vips-2026-11-20-150000.csv",
    ]
    assert export.runs.exclude(file="").count() == 2


def test_a_paused_export_waits_for_nothing(vips):
    export = make_export(vips)
    run = run_now(export=export, by=None, now=NOW)

    pause_export(export=export, now=NOW)

    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert next_at(NOW) is None
    resume_export(export=export, now=NOW)
    assert next_at(NOW) == NOW + timedelta(hours=18)


def test_another_time_zone_moves_the_next_run(vips):
    export = make_export(vips)

    change_zone(name="Asia/Tokyo")
    assert next_at(NOW) == NOW
    follow_zone(now=NOW)

    export.refresh_from_db()
    assert export.next_at == NOW + timedelta(hours=9)  # six in the morning there
    assert next_at(NOW) == export.next_at


def test_one_that_was_deleted_while_it_ran_leaves_no_run(vips, monkeypatch):
    export = make_export(vips)
    run_now(export=export, by=None, now=NOW)
    times = iter([NOW, NOW])

    def clock():
        at = next(times, None)
        if at is None:
            delete_export(export=export)
            return NOW
        return at

    assert run_one(clock=clock)
    assert not Export.objects.exists()


def test_a_segment_that_was_never_built_has_no_file(folder):
    make_field()
    draft = make_segment(definition=GOLD, status="draft")
    export = make_export(draft)
    run_now(export=export, by=None, now=NOW)

    run = written(export)

    assert run.state == State.WAITING
    assert "no members yet" in run.said
    assert not folder.exists() or not list(folder.iterdir())


def test_a_segment_that_is_exported_stays(vips):
    export = make_export(vips)

    with pytest.raises(Conflict, match="Export Nightly"):
        delete_segment(segment=vips)
    with pytest.raises(Conflict, match="Export Nightly"):
        update_segment(segment=vips, status="archived", author=None, now=NOW)

    pause_export(export=export, now=NOW)
    update_segment(segment=vips, status="archived", author=None, now=NOW)
    with pytest.raises(Conflict):
        resume_export(export=export, now=NOW)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"columns": ()}, "columns"),
        ({"columns": ("nothing",)}, "columns"),
        ({"columns": ("id", "id")}, "columns"),
        ({"kind": "xml"}, "kind"),
        ({"schedule": "weekly"}, "weekdays"),
        ({"schedule": "weekly", "weekdays": (8,)}, "weekdays"),
        ({"schedule": "yearly"}, "schedule"),
        ({"folder": "../out"}, "folder"),
        ({"pattern": "a/b"}, "pattern"),
        ({"keeps": 0}, "keeps"),
        ({"place": "moon"}, "place"),
        ({"name": " "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"place": "url", "url": "ftp://example.com"}, "url"),
        ({"place": "url", "url": "http://127.0.0.1/x"}, "url"),
        ({"place": "url", "url": "https://example.com/x", "method": "GET"}, "method"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(vips, wanted, path):
    with pytest.raises(Refused) as refused:
        make_export(vips, **wanted)

    assert [problem.path for problem in refused.value.problems] == [path]


def test_two_exports_do_not_write_over_each_other(vips):
    make_export(vips)

    with pytest.raises(Refused, match="files of these names"):
        make_export(vips, name="Other")


@pytest.mark.django_db(transaction=True)
def test_all_members_are_those_of_one_instant(vips, folder):
    """Somebody who moves while the file is written is in it as they were when it began."""
    from outbound.exports import snapshot

    export = make_export(Segment.objects.get(), columns=("external_id", "attributes.tier"))
    run_now(export=export, by=None, now=NOW)
    seen: list[object] = []
    rows = snapshot._rows

    def slow(*args, **options):
        for row in rows(*args, **options):
            if not seen:
                seen.append(connection.cursor().execute("SHOW transaction_isolation").fetchone())
                _change_elsewhere()
            yield row

    snapshot._rows = slow
    try:
        run = written(export)
    finally:
        snapshot._rows = rows

    assert seen == [("repeatable read",)]
    assert run.rows == 2
    assert "Bronze" not in (folder / run.file).read_text()


def _change_elsewhere():
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute('UPDATE contacts_contact SET attributes = \'{"tier": "Bronze"}\'')
    finally:
        other.close()
