"""Where tables go on a cluster, and what `manage.py distribute` says where there is none."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from segmentflow.citus.checking import problems
from segmentflow.citus.here import is_spread
from segmentflow.citus.tables import CONTACTS, plan
from tests import on_citus

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(on_citus.WORKERS), reason="about a PostgreSQL without Citus"),
]


def test_a_database_without_the_extension_is_refused_and_left_alone():
    for arguments in ([], ["--check"]):
        with pytest.raises(CommandError, match="no extension citus"):
            call_command("distribute", *arguments)
    assert not is_spread()


def test_there_is_no_less_than_one_shard():
    with pytest.raises(CommandError, match="one shard"):
        call_command("distribute", shards=0)


def test_what_belongs_to_a_contact_goes_with_it():
    spread = {table.name: table.column for table in plan().spread}

    assert spread == {CONTACTS: "id"} | dict.fromkeys(
        [
            "contacts_consent",
            "contacts_oldvalue",
            "events_event",
            "segments_candidate",
            "segments_deadline",
            "segments_membership",
            "segments_touched",
            "segments_transition",
        ],
        "contact_id",
    )
    assert plan().spread[0].name == CONTACTS


def test_none_of_their_rows_refers_to_another_table_so_that_all_others_stay_as_they_are():
    assert plan().copied == ()


def test_each_other_table_about_contacts_stays_for_a_reason():
    staying = plan().staying

    assert "contacts_identity_pkey is unique across contacts" in staying["contacts_identity"]
    assert "trigger" in staying["campaigns_message"]
    assert {"contacts_pendingmark", "outbound_webhookmove"} <= staying.keys()
    assert all(staying.values())


def test_a_table_that_rows_refer_to_would_be_copied():
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE segments_membership ADD CONSTRAINT odd"
            " FOREIGN KEY (segment_id) REFERENCES segments_segment (id)"
        )

    assert [table.name for table in plan().copied] == ["segments_segment"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "CREATE UNIQUE INDEX odd ON contacts_contact (email)",
            "odd is unique without the contact",
        ),
        (
            "CREATE TRIGGER odd AFTER INSERT ON events_event"
            " FOR EACH STATEMENT EXECUTE FUNCTION campaigns_tally_insert()",
            "it has the trigger odd",
        ),
    ],
)
def test_what_a_cluster_would_refuse_is_said_before_anything_is_changed(monkeypatch, change, said):
    monkeypatch.setattr("segmentflow.citus.checking.extension", lambda: "13")
    monkeypatch.setattr("segmentflow.citus.checking._of_cluster", lambda: iter(()))
    assert problems(plan()) == []
    with connection.cursor() as cursor:
        cursor.execute(change)

    assert any(said in one for one in problems(plan()))
