"""docs/scale.md says what the figures of the benchmark come to, and the arithmetic is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.scale import DOCS, Wanted, figures, needs, written


def test_the_page_holds_what_the_figures_come_to():
    page = DOCS.read_text()

    assert page == written(page, figures()), "python -m bench.scale writes it anew"


def test_twice_of_everything_needs_twice_the_disk():
    known = figures()
    one, two = Wanted("one", 1e6, 1e9, 24), Wanted("two", 2e6, 2e9, 24)

    assert needs(two, known).disk == pytest.approx(2 * needs(one, known).disk)
    assert needs(two, known).peak == pytest.approx(2 * needs(one, known).peak)


def test_a_billion_events_of_a_hundred_bytes_are_a_hundred_gigabytes():
    known = replace(figures(), event=100, move=0)

    found = needs(Wanted("some", 0, 1e9, 24), known)

    assert found.events == found.tables == 1e11
    assert found.nodes == 1


def test_machines_are_added_for_disk_and_for_memory():
    known = replace(figures(), event=1000, move=0)

    assert needs(Wanted("some", 0, 1e10, 24), known).nodes == 14
