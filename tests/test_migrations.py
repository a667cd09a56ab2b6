"""Migrations keep to the rules that let the program of before go on meanwhile (docs/upgrading.md)."""

from __future__ import annotations

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState

from tests.migration_rules import findings, look

APPS = ("campaigns", "contacts", "events", "outbound", "segmentflow", "segments")

# Tables of what people make by hand: thousands of rows at most, so that anything is done in a moment.
# All others grow with contacts and events; a new one does until it stands here.
SMALL = {
    "campaigns.campaign",
    "campaigns.campaignchange",
    "campaigns.campaigntarget",
    "campaigns.picture",
    "campaigns.pushkey",
    "campaigns.sendinglane",
    "campaigns.sendingrules",
    "campaigns.senttest",
    "campaigns.way",
    "contacts.contactcolumns",
    "contacts.contactimport",
    "contacts.field",
    "contacts.fieldchange",
    "contacts.fieldturn",
    "events.eventtype",
    "events.retention",
    "events.valuefilling",
    "outbound.alert",
    "outbound.alertrule",
    "outbound.export",
    "outbound.exportrun",
    "outbound.webhook",
    "outbound.webhooksegment",
    "segmentflow.apikey",
    "segmentflow.user",
    "segmentflow.wakeup",
    "segmentflow.website",
    "segmentflow.workspace",
    "segments.draft",
    "segments.draftstep",
    "segments.editor",
    "segments.engineclock",
    "segments.moveretention",
    "segments.rebuild",
    "segments.savedtemplate",
    "segments.segment",
    "segments.segmentuse",
    "segments.segmentversion",
}

COUNTS_ONCE = "counts what is there; of before there was a release"
IS_YOUNG = "a table that came in the same release"
BEGINS_ANEW = "of before there was a release"
# What was done before there were these rules: (migration, rule), and why it did no harm.
EXCUSED = {
    ("campaigns.0005_sending_lanes", "constraint"): IS_YOUNG,
    ("campaigns.0007_outbox_once", "constraint"): IS_YOUNG,
    ("campaigns.0011_push_keys", "constraint"): IS_YOUNG,
    ("campaigns.0021_outbox_days", "index"): IS_YOUNG,
    ("contacts.0003_search", "not atomic"): BEGINS_ANEW,
    ("contacts.0005_tally_contacts", "sql"): COUNTS_ONCE,
    ("contacts.0012_bulk_marks", "not atomic"): BEGINS_ANEW,
    ("events.0003_tally_events", "sql"): COUNTS_ONCE,
    (
        "events.0006_smaller_key",
        "not atomic",
    ): "looks itself what was done before it was interrupted",
    ("segments.0006_tally_transitions", "sql"): COUNTS_ONCE,
}


def test_every_migration_keeps_to_the_rules():
    found = findings(APPS, small=SMALL)

    assert [str(one) for one in found if (one.migration, one.rule) not in EXCUSED] == []


def test_no_excuse_is_left_over():
    found = {(one.migration, one.rule) for one in findings(APPS, small=SMALL)}

    assert set(EXCUSED) - found == set()


def index(name="by_name"):
    return models.Index(fields=["name"], name=name)


def check(**values):
    return models.CheckConstraint(condition=models.Q(**values), name="some")


def rules(*made, atomic=True, small=()):
    """What is said about operations on a large table that is there, and on others."""
    state = ProjectState()
    for name in ("thing", "other"):
        fields: list[tuple[str, models.Field]] = [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=10, null=True)),
        ]
        state.add_model(ModelState("events", name.capitalize(), fields))
    kind = type("Migration", (Migration,), {"operations": list(made), "atomic": atomic})
    return [one.rule for one in look(kind("0099_some", "events"), state, small=small)]


@pytest.mark.parametrize(
    ("rule", "operation"),
    [
        ("index", operations.AddIndex("thing", index())),
        ("index", operations.AddField("thing", "x", models.IntegerField(null=True, db_index=True))),
        (
            "index",
            operations.AddField(
                "thing", "x", models.ForeignKey("events.Other", models.CASCADE, null=True)
            ),
        ),
        ("index", operations.AlterField("thing", "name", models.CharField(max_length=10, null=True, db_index=True))),
        ("constraint", operations.AddConstraint("thing", check(name="a"))),
        ("no default", operations.AddField("thing", "x", models.IntegerField(default=0))),
        ("not null", operations.AlterField("thing", "name", models.CharField(max_length=10))),
        ("rewrite", operations.AlterField("thing", "name", models.IntegerField(null=True))),
        ("rewrite", operations.AlterField("thing", "name", models.CharField(max_length=9, null=True))),
        ("taken away", operations.RemoveField("thing", "name")),
        ("taken away", operations.DeleteModel("Thing")),
        ("taken away", operations.RenameField("thing", "name", "title")),
        ("not reversible", operations.RunSQL("SELECT 1")),
        ("not reversible", operations.RunPython(lambda *_: None)),
        ("sql", operations.RunSQL("CREATE INDEX x ON events_thing (name)", "DROP INDEX x")),
        ("sql", operations.RunSQL("UPDATE events_thing SET name = 'x'", "")),
        ("sql", operations.RunSQL("ALTER TABLE events_thing ALTER COLUMN name SET NOT NULL", "")),
        ("sql", operations.RunSQL("ALTER TABLE events_thing ADD CONSTRAINT x CHECK (id > 0)", "")),
        ("sql", operations.RunSQL("INSERT INTO events_other SELECT * FROM events_thing", "")),
    ],
)  # fmt: skip
def test_what_would_hold_others_up_is_found(rule, operation):
    assert rules(operation) == [rule]


@pytest.mark.parametrize(
    "operation",
    [
        operations.AddField("thing", "x", models.IntegerField(null=True)),
        operations.AddField("thing", "x", models.IntegerField(default=0, db_default=0)),
        operations.AlterField("thing", "name", models.CharField(max_length=20, null=True)),
        operations.AlterField("thing", "name", models.TextField(null=True)),
        operations.RunSQL("ALTER TABLE events_thing ADD CHECK (id > 0) NOT VALID", ""),
        operations.RunSQL("CREATE FUNCTION f() RETURNS trigger AS $$ UPDATE events_thing $$", ""),
    ],
)
def test_what_is_done_in_a_moment_is_not(operation):
    assert rules(operation) == []


def test_indexes_are_built_beside_everything_and_nothing_else_is_done_there():
    build = AddIndexConcurrently("thing", index())
    remove = RemoveIndexConcurrently("thing", "by_name")
    add = operations.AddField("thing", "x", models.IntegerField(null=True))

    assert rules(build, remove, atomic=False) == []
    assert rules(add, build, atomic=False) == ["not atomic"]


def test_tables_that_are_new_or_small_may_be_locked():
    made = operations.CreateModel(
        "New", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
    )

    assert rules(made, operations.AddIndex("new", index())) == []
    assert rules(operations.AddIndex("thing", index()), small={"events.thing"}) == []
