"""What names and folders people may write."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from outbound.exports.naming import filled, wrong_folder, wrong_pattern
from outbound.exports.places import Unusable, inside, whole_file

AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def named(pattern, at=AT):
    zone = ZoneInfo("Europe/Warsaw")
    return filled(pattern, segment="vips", at=at, zone=zone)


def test_a_name_has_the_local_date_and_time():
    assert named("{segment}-{date}-{time}") == "vips-2026-11-21-003000"


def test_a_time_that_clocks_show_twice_makes_two_names():
    hours = [datetime(2026, 10, 25, hour, 15, tzinfo=UTC) for hour in (0, 1)]

    assert len({named("{date}-{time}", at) for at in hours}) == 2


@pytest.mark.parametrize(
    "pattern", ["", "../x", "a/b", ".hidden", "x.", "{name}", "a\0b", "x" * 200, "é"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(pattern):
    assert wrong_pattern(pattern)


@pytest.mark.parametrize(
    "folder", ["..", "a/../b", "/etc", "a//b", ".ssh", "a/.b", "a\\b", "a\0", "a/", "a/b/c/d/e/f"]
)
def test_a_folder_that_could_lie_elsewhere_is_refused(folder):
    assert wrong_folder(folder)


@pytest.mark.parametrize("folder", ["", "crm", "crm/daily files"])
def test_a_folder_below_the_allowed_one_is_fine(folder):
    assert not wrong_folder(folder)


def test_a_link_does_not_lead_out_of_the_folder(folder, tmp_path):
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)

    with pytest.raises(Unusable):
        inside("out/vips.csv")


def test_a_file_that_is_not_finished_is_not_there(folder):
    def write():
        with whole_file("vips.csv", run_id=1) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert list(folder.iterdir()) == []
