"""A backup that is not whole never looks whole."""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from segmentflow.database.archive import ArchiveWriter, Damaged, read_archive
from segmentflow.database.backing_up import DUMP, FORMAT
from segmentflow.database.files import drop_older, name_at, whole_or_not_at_all
from segmentflow.database.sources import TooNew, open_source

NOW = datetime(2026, 11, 29, 3, 15, tzinfo=UTC)
MANIFEST = {
    "format": FORMAT,
    "version": "9.1.0",
    "at": NOW.isoformat(),
    "migrations": {"contacts": ["0001_initial"], "gone_since": ["0001_initial"]},
    "rows": {},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "one.tar"


def write(path, *, manifest=MANIFEST):
    with whole_or_not_at_all(path) as file:
        writer = ArchiveWriter(file, now=NOW)
        writer.add(DUMP, [b"PGDMP", b"x" * 700])
        writer.add("secret_key", [b"a key\n"])
        writer.add("files/imports/12ab/empty", [])
        writer.finish(manifest)


def test_what_was_written_is_read(path):
    write(path)

    archive = open_source(path).archive

    assert archive.manifest == MANIFEST
    assert archive.text("secret_key") == "a key\n"
    assert b"".join(archive.chunks(DUMP)) == b"PGDMP" + b"x" * 700
    assert archive.parts["files/imports/12ab/empty"].size == 0


def test_other_programs_list_it_and_check_it(path, tmp_path):
    write(path)

    with tarfile.open(path) as tar:
        tar.extractall(tmp_path, filter="data")

    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],  # noqa: S607 - whichever there is
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )


def test_a_flipped_byte_is_noticed_wherever_it_is(path):
    write(path)
    whole = path.read_bytes()

    unnoticed = []
    for place in (*range(512), *range(512, len(whole), 11)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        try:
            read_archive(path)
            unnoticed.append(place)
        except Damaged:
            pass

    assert unnoticed == []


def test_every_half_of_it_is_noticed(path):
    write(path)
    whole = path.read_bytes()

    for length in (0, 1, 511, 512, *range(513, len(whole) - 1024, 97)):
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            open_source(path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "files/../../x", ".hidden"])
def test_no_part_of_it_leads_out_of_its_folder(path, name):
    with path.open("w+b") as file:
        writer = ArchiveWriter(file, now=NOW)
        writer.add(name, [b"x"])
        writer.finish(MANIFEST)

    with pytest.raises(Damaged, match="which no backup does"):
        read_archive(path)


def test_links_are_no_part_of_it(path):
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("files")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link, io.BytesIO())

    with pytest.raises(Damaged):
        read_archive(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": FORMAT + 1},
        {"migrations": {"contacts": ["0001_initial", "9999_of_the_future"]}},
    ],
)
def test_one_of_a_newer_program_is_refused_with_a_sentence(path, change):
    write(path, manifest=MANIFEST | change)

    with pytest.raises(TooNew, match=r"made by a newer SegmentFlow 9\.1\.0 .*Update the program"):
        open_source(path)


@pytest.mark.parametrize("content", [b"", b"SELECT 1;\n", b"\x1f\x8b" + b"x" * 2000])
def test_something_else_is_refused(path, content):
    path.write_bytes(content)

    with pytest.raises(Damaged, match="neither"):
        open_source(path)


def test_a_file_gets_its_name_when_it_is_whole_and_nobody_else_reads_it(path):
    path.write_bytes(b"the one of before")

    with suppress(RuntimeError), whole_or_not_at_all(path) as file:
        file.write(b"half")
        assert path.read_bytes() == b"the one of before"
        raise RuntimeError

    assert path.read_bytes() == b"the one of before"
    assert [*path.parent.iterdir()] == [path]
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_one_left_goes_with_the_next_and_no_other_file(path):
    left = path.with_name(".one.tar.0123abcd.unfinished")
    other = path.with_name(".two.tar.0123abcd.unfinished")
    left.touch()
    other.touch()

    with whole_or_not_at_all(path):
        assert not left.exists()

    assert other.exists()


def test_the_newest_are_kept_and_nothing_that_is_called_otherwise_goes(tmp_path):
    ours = [tmp_path / name_at(NOW.replace(day=day)) for day in (3, 9, 27)]
    other = tmp_path / "segmentflow-before-the-move.tar"
    for file in (*ours, other):
        file.touch()

    assert drop_older(tmp_path, keep=2) == ours[:1]
    assert {*tmp_path.iterdir()} == {*ours[1:], other}
    assert drop_older(tmp_path, keep=2) == []
