"""Transactions that lost against another one are tried again."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, transaction

from contacts.models import Contact
from contacts.retrying import ATTEMPTS, in_transaction

DEADLOCK, OUT_OF_MEMORY = "40P01", "53200"


def failing(code, times):
    """Stores a contact, then fails as PostgreSQL does, so many times."""
    calls = []

    @in_transaction
    def work():
        calls.append(code)
        Contact.objects.create(city="Oslo")
        if len(calls) <= times:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
        return len(calls)

    return work


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_again_and_what_was_half_done_is_gone():
    assert failing(DEADLOCK, ATTEMPTS - 1)() == ATTEMPTS
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "times"), [(DEADLOCK, ATTEMPTS), (OUT_OF_MEMORY, 1)])
def test_what_does_not_go_away_is_raised(code, times):
    with pytest.raises(OperationalError):
        failing(code, times)()

    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_that_one_has_to_be_tried_again():
    with pytest.raises(OperationalError), transaction.atomic():
        failing(DEADLOCK, 1)()
