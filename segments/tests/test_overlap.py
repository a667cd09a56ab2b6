"""What segments share, counted from the stored members, is what sets say."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.db import connection

from contacts.models import Field, PendingMark
from segmentflow.clock import current_time
from segmentflow.limits import TooSlow
from segments.engine.pending import oldest_pending_at
from segments.models import Membership, Segment
from segments.overlap.bitmaps import BLOCK, bitmap, read_blocks
from segments.overlap.combinations import conditions_of, overlap_of, words_of
from segments.overlap.matrix import (
    FRESH,
    KEPT,
    Matrix,
    count_matrix,
    current_matrix,
    same_members,
)
from segments.overlap.recounting import recounting
from segments.services import create_segment
from segments.tasks import count_overlap
from segments.tests.made import NOW
from tests.oracle import Person
from tests.worlds import send_contact

pytestmark = pytest.mark.django_db

PLACES = [*range(1, 60), BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7, 10**12, 10**12 + 1]
"""Ids on both sides of the edges of blocks, and far away."""


def make_lists(*lists: set[int], first: str = "s") -> list[Segment]:
    """Segments with these members, whether there are such contacts or not."""
    made = []
    for number, ids in enumerate(lists):
        segment = Segment.objects.create(
            key=f"{first}{number}",
            name=f"S{number}",
            kind="static",
            status="live",
            built_at=NOW,
            member_count=len(ids),
        )
        Membership.objects.bulk_create(
            Membership(contact_id=one, segment=segment, entered_at=NOW) for one in ids
        )
        made.append(segment)
    return made


def random_lists(rng: Random, count: int) -> list[set[int]]:
    return [
        {one for one in PLACES if rng.random() < share}
        for share in rng.choices((0, 0.1, 0.5, 0.9, 1), k=count)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_every_combination_is_counted_as_sets_count_it(seed):
    rng = Random(seed)  # noqa: S311 - sets, not secrets
    lists = random_lists(rng, rng.randint(2, 5))
    found = overlap_of(make_lists(*lists))

    assert len(found.combinations) == 2 ** len(lists) - 1
    assert found.sizes == [len(ids) for ids in lists]
    assert found.in_any == len(set().union(*lists))
    for one in found.combinations:
        expected = {place for place in PLACES if tuple(place in ids for ids in lists) == one.inside}
        assert one.count == len(expected), one


@pytest.mark.parametrize("seed", range(6))
def test_any_two_share_what_sets_share(seed):
    lists = random_lists(Random(seed), 7)  # noqa: S311
    segments = make_lists(*lists)
    matrix = count_matrix({segment.pk: segment.member_count for segment in segments}, now=NOW)

    for one, ids in zip(segments, lists, strict=True):
        for other, more in zip(segments, lists, strict=True):
            shared = matrix.between(one.pk, other.pk)
            assert (shared.size, shared.other, shared.both) == (
                len(ids),
                len(more),
                len(ids & more),
            )
            either = len(ids | more)
            assert shared.likeness == pytest.approx(len(ids & more) / either if either else 0)


def test_bits_are_the_same_however_many_there_are():
    rng = Random(1)  # noqa: S311
    for share in (0.001, 0.01, 0.02, 0.1, 0.9):
        places = [place for place in range(4_096) if rng.random() < share]
        packed = b"".join(place.to_bytes(4, "big") for place in places)

        assert bitmap(packed, 4_096) == sum(1 << place for place in places)


def test_blocks_without_members_are_not_asked_for(django_assert_num_queries):
    [one] = make_lists({1, 10**15})

    with django_assert_num_queries(3 + 3 * 4):  # the statements, and limits around each
        blocks = list(read_blocks([one.pk], limit_ms=5_000))

    assert [block[one.pk].bit_count() for block in blocks] == [1, 1]


def test_of_many_memberships_some_blocks_stand_for_all():
    everybody = set(range(1, 200_001))
    segments = make_lists(everybody, {one for one in everybody if one % 4 == 0})
    sizes = {segment.pk: segment.member_count for segment in segments}
    one, other = sizes

    matrix = count_matrix(sizes, now=NOW, most=sum(sizes.values()) // 3 + 1)

    assert matrix.every == 3
    assert not matrix.is_exact
    assert matrix.sizes[one] == pytest.approx(200_000, rel=0.2)
    assert matrix.between(one, other).share == pytest.approx(0.25, abs=0.01)


def test_changes_and_new_segments_do_not_wait_for_it():
    """With two workers, one of which counts: here it is the only one."""
    make_lists({1, BLOCK + 1}, {1, 3 * BLOCK})
    Field.objects.create(key="Tier", label="Tier", type="text")
    is_gold = {"kind": "field", "field": "Tier", "operator": "equals", "value": "Gold"}
    definition = {"kind": "group", "match": "all", "children": [is_gold]}
    now = current_time() - timedelta(seconds=1)
    anna = send_contact(
        Person(1, now, built_in={"external_id": "anna"}, attributes={"Tier": "Gold"})
    )
    PendingMark.objects.update(created_at=now)
    segment = create_segment(key="gold", name="G", definition=definition, author=None, now=now)

    count_overlap()

    assert set(Membership.objects.filter(segment=segment).values_list("contact_id", flat=True)) == {
        anna
    }
    assert oldest_pending_at() is None


def test_what_was_counted_is_shown_again_for_a_while():
    one, other = make_lists({1, 2, 3}, {2, 3, 4})
    first = current_matrix(now=NOW)
    Membership.objects.filter(contact_id=2).delete()

    assert current_matrix(now=NOW + KEPT - timedelta(seconds=1)) == first
    assert first.between(one.pk, other.pk).both == 2
    assert current_matrix(now=NOW + KEPT).between(one.pk, other.pk).both == 1


def test_it_is_counted_anew_behind_what_is_shown(monkeypatch):
    asked = []
    monkeypatch.setattr("segments.overlap.matrix.wake_overlap", lambda: asked.append(1))
    make_lists({1, 2, 3})
    current_matrix(now=NOW)
    current_matrix(now=NOW + FRESH - timedelta(seconds=1))
    assert not asked

    current_matrix(now=NOW + FRESH)
    assert asked


def test_a_new_segment_is_counted_at_once():
    make_lists({1, 2})
    current_matrix(now=NOW)
    [new] = make_lists({2}, first="new")

    assert current_matrix(now=NOW).sizes[new.pk] == 1


def test_the_watcher_has_it_counted_now_and_then(monkeypatch):
    asked = []
    monkeypatch.setattr("segments.overlap.recounting.wake_overlap", lambda: asked.append(1))
    watcher, now = recounting(), current_time()
    watcher.look(now)
    watcher.look(now + timedelta(minutes=1))
    assert len(asked) == 1

    count_overlap()
    watcher.look(now + timedelta(minutes=30))
    assert len(asked) == 1
    watcher.look(now + timedelta(minutes=90))
    assert len(asked) == 2


def test_segments_with_the_same_members_are_found_and_empty_ones_are_not():
    matrix = Matrix(
        NOW,
        1,
        sizes={1: 2, 2: 2, 3: 2, 4: 0, 5: 0, 6: 2},
        pairs={(1, 3): 2, (1, 2): 1, (2, 3): 1, (1, 6): 2, (3, 6): 2},
    )

    assert same_members(matrix, matrix.sizes) == [[1, 3, 6]]
    assert same_members(matrix, [1, 2, 6]) == [[1, 6]]


def test_a_combination_is_told_in_words_and_as_conditions():
    a, b, c = (Segment(key=key, name=key.upper()) for key in "abc")
    inside = (True, False, True)

    assert words_of(["A", "B", "C"], inside) == "A and C only"
    assert words_of(["A", "B", "C"], (True, False, False)) == "A only"
    assert words_of(["A", "B", "C"], (True, True, True)) == "A, B and C"
    assert conditions_of([a, b, c], inside) == [
        {"kind": "segment", "segment": "a", "member": True},
        {"kind": "segment", "segment": "c", "member": True},
        {"kind": "segment", "segment": "b", "member": False},
    ]


def test_it_is_given_up_when_it_takes_too_long():
    [one] = make_lists({1, BLOCK + 1})

    with pytest.raises(TooSlow):
        list(read_blocks([one.pk], limit_ms=0))
    with connection.cursor() as cursor:  # the transaction goes on
        cursor.execute("SELECT 1")
