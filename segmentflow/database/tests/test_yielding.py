"""Work that yields runs in a process of its own, of a lower priority, and leaves the usual one alone."""

from __future__ import annotations

import os
from contextlib import closing

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from segmentflow.database.yielding import NICENESS, Beside, Yielding


def _served_by() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _is_local() -> bool:
    return str(connection.settings_dict["OPTIONS"].get("host", "")).startswith("/")


@pytest.mark.django_db(transaction=True)
def test_what_yields_is_served_by_another_process_of_a_lower_priority():
    usual = _served_by()
    with closing(Yielding()) as own:
        with own.turn():
            first = _served_by()
            niceness = os.getpriority(os.PRIO_PROCESS, first) if _is_local() else NICENESS
        between = _served_by()
        with own.turn():
            second = _served_by()
    assert first == second != usual
    assert between == usual == _served_by()
    assert niceness == NICENESS
    if _is_local():
        assert os.getpriority(os.PRIO_PROCESS, usual) < NICENESS


@pytest.mark.django_db(transaction=True)
def test_the_usual_connection_is_back_after_a_failure():
    usual = _served_by()
    with pytest.raises(ZeroDivisionError), closing(Yielding()) as own, own.turn():
        raise ZeroDivisionError
    assert _served_by() == usual


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_what_it_has_done_is_seen():
    with transaction.atomic(), closing(Yielding()) as own:
        usual = _served_by()
        with own.turn():
            assert _served_by() == usual


@pytest.mark.django_db(transaction=True)
def test_the_other_half_is_done_by_another_process_of_a_lower_priority_and_committed():
    served: dict[str, int] = {}
    priorities: list[int] = []

    def here() -> None:
        served["here"] = _served_by()

    def there() -> None:
        served["there"] = _served_by()
        if _is_local():
            priorities.append(os.getpriority(os.PRIO_PROCESS, served["there"]))
        Group.objects.create(name="There")

    with closing(Beside()) as beside:
        beside.both(here, there)
        first = dict(served)
        Group.objects.filter(name="There").delete()
        beside.both(here, there)

    assert served == first
    assert served["here"] == _served_by() != served["there"]
    assert set(priorities) <= {NICENESS}
    assert Group.objects.filter(name="There").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails", ["here", "there"])
def test_what_either_half_raises_is_raised_when_both_have_ended(fails: str):
    ended: list[str] = []

    def half(name: str) -> None:
        if name == fails:
            raise ZeroDivisionError
        ended.append(name)

    with closing(Beside()) as beside, pytest.raises(ZeroDivisionError):
        beside.both(lambda: half("here"), lambda: half("there"))

    assert len(ended) == 1
