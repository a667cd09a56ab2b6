"""What people do on the canvas, sent as the page's forms send it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from segments.builder.drafts import open_draft
from segments.conditions.edit import walk, without_ids
from segments.models import Segment
from segments.tests.made import make_segment

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}


@pytest.fixture
def segment(words, marketer) -> Segment:
    return make_segment("mine", None, status="draft")


class Doing:
    """Sends what the page would send next."""

    def __init__(self, client: Any, segment: Segment) -> None:
        self.client = client
        self.segment = segment

    def __call__(self, do: str, **sent: Any) -> Any:
        given = {"do": do, "revision": self.opened.revision} | sent
        headers = HTMX if given.pop("htmx", True) else {}
        return self.client.post(reverse("builder_do", args=["mine"]), given, headers=headers)

    @property
    def opened(self) -> Any:
        return open_draft(segment=self.segment)

    @property
    def definition(self) -> Any:
        return without_ids(self.opened.tree)

    @property
    def children(self) -> list[Any]:
        return list(self.opened.tree["children"])


@pytest.fixture
def do(client, segment) -> Doing:
    return Doing(client, segment)


def test_a_block_is_added_whole(do: Doing):
    answer = do("add:event:Purchase")

    assert answer.status_code == 200
    assert do.definition["children"] == [
        {"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1}
    ]


@pytest.mark.parametrize(
    "block",
    ["field:a_number", "field:a_boolean", "field:a_date", "field:a_datetime", "field:created_at"],
)
def test_a_block_of_a_field_begins_with_what_fits_its_type(do: Doing, block: str):
    do(f"add:{block}")

    [child] = do.children
    assert child["field"] == block.removeprefix("field:")


def test_only_the_row_that_changed_is_answered(do: Doing):
    do("add:field:a_boolean")
    do("add:event:Purchase")
    first, second = do.children

    answer = do("change", node=first["id"], **{"c.operator": "is_false"})

    assert answer.headers["HX-Retarget"] == f"#node-{first['id']}"
    assert f'id="node-{second["id"]}"' not in answer.content.decode()
    assert do.children[0]["operator"] == "is_false"


def test_an_answer_makes_the_result_count_anew(do: Doing):
    answer = do("add:event:Purchase")

    assert "drafted" in answer.headers["HX-Trigger"]
    assert f'value="{do.opened.revision}"' in answer.content.decode()


def test_what_changes_nothing_is_answered_with_nothing(do: Doing):
    do("add:field:a_boolean")
    [child] = do.children

    assert do("change", node=child["id"], **{"c.operator": "is_true"}).status_code == 204
    assert do.opened.undo_label == "Added A boolean"


def test_a_value_is_added_and_dropped(do: Doing):
    do("add:field:a_text")
    [child] = do.children
    for value in ("Gold", "Plat, inum", "Gold"):
        do("change", node=child["id"], **{"c.value+": value})
    assert do.children[0]["value"] == ["Gold", "Plat, inum"]

    do("drop:value[0]", node=child["id"])

    assert do.children[0]["value"] == ["Plat, inum"]


def test_typing_is_one_step_to_undo(do: Doing):
    do("add:field:a_number")
    [child] = do.children
    for text in ("2", "20", "2000"):
        do("change", node=child["id"], **{"c.value": text})
    assert do.children[0]["value"] == 2000

    do("undo")

    assert do.children[0]["value"] == ""


def test_twenty_steps_are_undone_and_done_again(do: Doing):
    for _ in range(10):
        do("add:event:Purchase")
        do("duplicate", node=do.children[0]["id"])
    last = do.definition
    assert len(last["children"]) == 20

    for _ in range(20):
        do("undo")
    assert do.definition["children"] == []
    for _ in range(20):
        do("redo")

    assert do.definition == last


def test_a_group_moves_into_another_and_back(do: Doing):
    do("add:group")
    do("add:group")
    one, other = (child["id"] for child in do.children)
    do("add:event:Purchase", target=one)
    before = do.definition

    do("move", node=one, target=other, index=0)
    assert [child["id"] for child in do.children] == [other]
    do("move", node=one, target=do.opened.tree["id"], index=0)

    assert do.definition == before


def test_without_htmx_one_comes_back_to_the_page(do: Doing):
    answer = do("add:event:Purchase", htmx=False)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/segments/mine/builder#node-{do.children[0]['id']}"


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "add:field:nothing"},
        {"do": "add:field:a_text", "target": "n99"},
        {"do": "add:field:a_text", "index": "-1"},
        {"do": "add:segment:mine"},
        {"do": "remove"},
        {"do": "remove", "node": "n99"},
        {"do": "remove", "node": "n1"},
        {"do": "move", "node": "n2", "target": "n2", "index": "0"},
        {"do": "move", "node": "n1", "target": "n1", "index": "0"},
        {"do": "change", "node": "n2", "c.operator": "drop table"},
        {"do": "change", "node": "n2", "c.operator": "x" * 2000},
        {"do": "change", "node": "n2", "c.value+": "a\0b"},
        {"do": "change", "node": "n2", "c.value+": "x" * 2000},
        {"do": "drop:value[7]", "node": "n2"},
        {"do": "cut:kind", "node": "n2"},
        {"do": "own:__class__", "node": "n2"},
        {"do": "attribute:where", "node": "n2"},
        {"do": "attribute:where", "node": "n1"},
        {"do": "group", "node": "n1", "match": "some"},
        {"do": "group", "node": "n1", "name": "x" * 81},
        {"do": "group", "node": "n2", "match": "any"},
        {"do": "sing", "node": "n2"},
        {"do": "up", "node": "n2"},
        {"do": "x" * 10_000},
    ],
)
def test_what_no_page_would_send_changes_nothing(do: Doing, sent: dict[str, Any]):
    do("add:field:a_text")
    before = do.opened

    answer = do(sent.pop("do"), **sent)

    assert answer.status_code == 422
    assert do.opened.tree == before.tree
    assert do.opened.revision == before.revision


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30])
def test_a_revision_that_is_none_breaks_nothing(do: Doing, revision: str):
    answer = do("add:event:Purchase", revision=revision)

    assert answer.status_code in (200, 409)


def test_a_change_to_what_somebody_else_changed_is_refused_with_the_difference(do: Doing):
    do("add:event:Purchase")
    seen = do.opened.revision
    do("add:field:a_boolean")

    answer = do("remove", node=do.children[0]["id"], revision=seen)

    said = answer.content.decode()
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#builder"
    assert "Added: A boolean is true" in said
    assert len(do.children) == 2


def test_html_in_names_and_values_is_only_text(do: Doing, client):
    bad = '"><script>alert(1)</script>{{ 7|add:7 }}'
    do("add:field:a_text")
    do("change", node=do.children[0]["id"], **{"c.value+": bad})
    do("wrap", node=do.children[0]["id"])
    do("group", node=do.children[0]["id"], name=bad)

    page = client.get(reverse("builder", args=["mine"])).content.decode()
    result = client.get(reverse("builder_result", args=["mine"])).content.decode()

    assert do.children[0]["name"] == bad
    for shown in (page, result):
        assert "<script>alert" not in shown
        assert "{{ 7|add:7 }}" in shown


def test_every_node_of_the_page_has_an_id_of_its_own(do: Doing, client):
    for block in ("event:Purchase", "group", "sequence", "occurrence", "random", "everyone"):
        do(f"add:{block}")
    do("duplicate", node=do.children[0]["id"])
    page = client.get(reverse("builder", args=["mine"])).content.decode()

    for node in walk(do.opened.tree):
        assert page.count(f'id="node-{node["id"]}"') == 1


def test_a_static_list_has_no_builder(client, marketer):
    make_segment("listed", kind="static")

    assert client.get(reverse("builder", args=["listed"])).status_code == 404
    assert client.post(reverse("builder_do", args=["listed"])).status_code == 404
