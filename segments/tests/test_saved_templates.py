"""Templates of one's own: saved from segments, carried elsewhere as files, taken in, begun with."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contacts.models import Field
from contacts.problems import Refused
from events.models import EventType
from segmentflow.roles import ADMINS
from segments import services
from segments.models import Segment
from segments.starting.files import as_file
from segments.starting.gallery import BY_KEY, TEMPLATES, as_template
from segments.starting.models import SavedTemplate
from segments.starting.saving import bring_template, save_as_template
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

UPLOAD = reverse("template_upload")
GALLERY = reverse("segment_new")
BOUGHT = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 3}],
}


def save(segment, name="Ours", category=""):
    return save_as_template(
        segment=segment, name=name, description="", category=category, author=None, now=NOW
    )


def bring(raw):
    return bring_template(raw=raw, author=None, now=NOW)


def problems(raw):
    with pytest.raises(Refused) as refused:
        bring(raw)
    return {problem.path: problem.message for problem in refused.value.problems}


def upload(client, content):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(UPLOAD, {"file": SimpleUploadedFile("template.json", content)})


def text(response):
    return unescape(" ".join(response.content.decode().split()))


@pytest.fixture
def gold():
    """A segment, and the field and event type that it needs."""
    field = make_field()
    field.choices, field.description = ["Gold", "Silver"], "Level"
    field.save()
    EventType.objects.create(key="Purchase", label="Bought", value_attribute="amount")
    definition = GOLD | {"children": [*GOLD["children"], *BOUGHT["children"]]}
    return make_segment("gold", definition)


@pytest.fixture
def file(gold):
    """What another installation wrote; here there is nothing of it."""
    written = as_file(as_template(save(gold)))
    services.delete_segment(segment=gold)
    SavedTemplate.objects.all().delete()
    Field.objects.all().delete()
    EventType.objects.all().delete()
    return json.loads(json.dumps(written))


def test_a_template_keeps_the_definition_with_what_it_needs(gold):
    saved = save(gold, category=" Retail ")

    assert saved.definition == gold.versions.get().definition
    assert saved.category == "Retail"
    assert saved.fields == [
        {
            "key": "tier",
            "type": "text",
            "label": "Tier",
            "description": "Level",
            "choices": ["Gold", "Silver"],
        }
    ]
    assert saved.event_types == [
        {"key": "Purchase", "label": "Bought", "description": "", "value_attribute": "amount"}
    ]


def test_segments_that_it_refers_to_are_written_out(gold):
    make_segment("outer", in_segment("gold"))
    without = {"kind": "segment", "segment": "outer", "member": False}
    segment = make_segment("last", GOLD | {"children": [without]})

    [written] = save(segment).definition["children"]

    assert (written["match"], written["name"]) == ("none", "Outer")
    assert written["children"][0]["children"][0] == gold.versions.get().definition | {
        "name": "Gold"
    }


def test_a_list_kept_by_hand_cannot_be_written_out():
    make_segment("listed", kind="static")

    with pytest.raises(Refused, match="“Listed”, a list kept by hand"):
        save(make_segment("vips", in_segment("listed")))


@pytest.mark.parametrize("given", [{"kind": "static"}, {"definition": None}])
def test_what_has_no_definition_is_no_template(given):
    with pytest.raises(Refused, match="no definition"):
        save(make_segment("vips", **given))


def test_an_unfinished_draft_is_no_template():
    with pytest.raises(Refused):
        save(make_segment("vips", GOLD | {"children": []}, status="draft"))


def test_keys_tell_names_and_are_not_those_of_others(gold):
    keys = [save(gold, name=name).key for name in ("Ours", "Ours", "Inactive VIPs", "日本")]

    assert keys == ["ours", "ours-2", "inactive-vips-2", "template"]


def test_a_file_is_taken_in_elsewhere_and_begun_with(client, file):
    client.force_login(make_user(ADMINS))

    answer = upload(client, file)

    address = reverse("segment_from_template", args=["ours"])
    assert answer.headers["Location"] == address
    create = ["field:tier", "event:Purchase"]
    client.post(address, {"name": "Here", "create": create})
    segment = Segment.objects.get(key="here")
    assert Field.objects.get().choices == ["Gold", "Silver"]
    assert EventType.objects.get().value_attribute == "amount"
    services.update_segment(segment=segment, status="live", author=None, now=NOW)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.key)
def test_those_that_come_along_are_files_too(template):
    written = json.loads(json.dumps(as_file(template)))

    taken = as_template(bring(written | {"name": f"My {template.name}"}))

    assert as_file(taken) == written | {"name": taken.name}


def changed(file, place, **values):
    definition = file["definition"]
    definition["children"][place] = definition["children"][place] | values
    return file


def test_an_unknown_operator_is_told_where_it_stands(file):
    [(path, message)] = problems(changed(file, 0, operator="sounds_like")).items()

    assert path == "definition.children[0].operator"
    assert message.startswith("There is no operator “sounds_like”. Use is_set")


def test_a_segment_that_is_not_here_is_told_and_one_that_is_here_is_written_out(file):
    file["definition"]["children"].append({"kind": "segment", "segment": "vips", "member": True})

    assert problems(file) == {
        "definition.children[2].segment": "It refers to the segment “vips”, which does not exist here."
    }
    make_segment("vips", EVERYONE)
    assert bring(file).definition["children"][2] == EVERYONE | {"name": "Vips"}


def test_what_it_does_not_describe_is_told(file):
    found = problems(file | {"fields": [], "event_types": []})

    assert set(found) == {"definition.children[0].field", "definition.children[1].event"}


def test_everything_that_is_wrong_is_told_at_once(file):
    changed(file, 0, operator="x")["definition"]["children"].append(
        {"kind": "segment", "segment": "vips", "member": True}
    )
    file["fields"].append({"key": "x", "type": "colour"})

    assert set(problems(file | {"name": " "})) == {
        "name",
        "fields[1].type",
        "definition.children[0].operator",
        "definition.children[2].segment",
    }


def test_a_field_of_another_type_here_is_told_at_the_field(client, marketer, file):
    make_field("tier", "number")

    page = text(client.get(upload(client, file).headers["Location"]))

    assert "cannot be used as it is: “Tier”" in page
    assert "its type is “Number”, and “Text” is needed" in page


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"segmentflow_template": 2}, "segmentflow_template"),
        ({"segmentflow_template": True}, "segmentflow_template"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"category": None}, "category"),
        ({"fields": {}}, "fields"),
        ({"fields": [{"key": "a b", "type": "text"}]}, "fields[0].key"),
        ({"fields": [{"key": "tier", "type": "colour"}]}, "fields[0].type"),
        ({"fields": [{"key": "tier", "type": "text", "choices": [1]}]}, "fields[0].choices[0]"),
        ({"fields": [5]}, "fields[0]"),
        ({"fields": [{"key": "tier", "type": "text"}] * 2}, "fields[1].key"),
        ({"event_types": [{"label": "x"}]}, "event_types[0].key"),
        ({"event_types": [{"key": "x", "color": "red"}]}, "event_types[0].color"),
        ({"definition": []}, "definition"),
        ({"definition": {"kind": "group"}}, "definition.match"),
        ({"definition": {"kind": "group", "children": {}}}, "definition.children"),
        ({"author": "me"}, "author"),
    ],
)
def test_every_problem_of_a_file_is_told_where_it_is(file, values, path):
    assert path in problems(file | values)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"name": "\\u0000"}', b"[" * 100_000, b"1" * 999],
)
def test_what_is_no_template_is_refused_with_a_sentence(client, marketer, content):
    answer = upload(client, content)

    assert answer.status_code == 422
    assert not SavedTemplate.objects.exists()


def test_a_file_that_is_missing_or_large_is_refused(client, marketer):
    assert "Choose a file." in text(client.post(UPLOAD))
    assert "larger than 1 MB" in text(upload(client, b" " * 1_000_001))


def test_the_problems_of_a_file_stand_on_the_page(client, marketer, file):
    page = text(upload(client, changed(file, 0, operator="<b>")))

    assert "<code>definition.children[0].operator</code> There is no operator “<b>”." in page


def test_a_segment_is_saved_as_a_template_in_the_browser(client, marketer, gold):
    address = reverse("template_save", args=["gold"])

    assert f'href="{address}"' in text(client.get(reverse("segment_detail", args=["gold"])))
    client.post(address, {"name": "Best", "description": "Ours alone", "category": "Shops"})

    gallery = text(client.get(GALLERY, {"category": "Yours"}))
    assert "Ours alone" in gallery
    assert "Shops · mia" in gallery
    assert "Tier is Gold" in gallery
    assert "Abandoned cart" not in gallery


def test_what_cannot_be_saved_says_why(client, marketer):
    make_segment("draft", GOLD, status="draft")

    answer = client.post(reverse("template_save", args=["draft"]), {"name": "Best"})

    assert answer.status_code == 422
    assert "cannot be a template yet" in text(answer)


def test_a_template_is_described_anew_and_deleted(client, marketer, gold):
    saved = save(gold)

    client.post(reverse("template_edit", args=[saved.key]), {"name": "New", "category": ""})
    saved.refresh_from_db()
    assert (saved.name, saved.category) == ("New", "Other")
    assert client.post(reverse("template_edit", args=["ours"]), {"name": " "}).status_code == 422
    client.post(reverse("template_delete", args=["ours"]))
    assert not SavedTemplate.objects.exists()
    assert client.get(reverse("segment_from_template", args=["ours"])).status_code == 404


def test_those_that_come_along_are_neither_changed_nor_deleted(client, marketer):
    for name in ("template_edit", "template_delete"):
        assert client.post(reverse(name, args=["inactive-vips"])).status_code == 404


def test_the_gallery_is_searched_by_any_word_of_a_card(client, marketer, gold):
    save(gold, name="Shiny")

    def names(**asked):
        shelves = client.get(GALLERY, asked).context["shelves"]
        return [shown.template.name for shelf in shelves for shown in shelf.shown]

    assert names(q="shiny") == ["Shiny"]
    assert names(q="tier is gold") == ["Shiny"]
    assert names(q="SPAIN") == ["Last-minute travel"]
    assert names(q="Cart_add") == ["Abandoned cart"]
    assert names(category="Banking") == ["Product cross-sell"]
    assert names(category="Yours") == ["Shiny"]
    assert names(q="zzz") == []
    assert len(names(category="no such")) == 16
    part = text(client.get(GALLERY, {"q": "shiny"}, headers={"HX-Request": "true"}))
    assert part.startswith('<div id="gallery">')


def test_a_card_counts_whom_it_would_find_now(client, marketer):
    for number in range(3):
        make_contact(f"u{number}")

    ready = text(client.get(reverse("template_count", args=["new-this-week"])))
    missing = text(client.get(reverse("template_count", args=["inactive-vips"])))

    assert "3 contacts now" in ready
    assert "now" not in missing


def test_more_templates_cost_no_more_queries(client, marketer, gold):
    save(gold)
    few = queries_of(lambda: client.get(GALLERY))
    for _ in range(4):
        save(gold)

    assert queries_of(lambda: client.get(GALLERY)) == few


# By API


def api(client, method, path, data=None):
    return getattr(client, method)(
        f"/api/v1/templates{path}", data, content_type="application/json"
    )


def test_programs_list_keep_begin_with_and_delete_templates(client, gold):
    client.force_login(make_user(ADMINS))

    made = api(client, "post", "", {"segment": "gold", "name": "Ours", "category": "Shops"})
    listed = api(client, "get", "").json()["results"]

    assert (made.status_code, made.json()["author"]) == (201, "ada")
    assert [one["key"] for one in listed][:2] == ["ours", "inactive-vips"]
    assert len(listed) == 16
    again = api(client, "post", "", listed[0]["template"])
    assert again.json()["key"] == "ours-2"
    begun = api(client, "post", "/inactive-vips/create", {"name": "Win back"})
    assert (begun.status_code, begun.json()["status"]) == (201, "draft")
    assert begun.json()["sentence"].startswith("VIP status is one of Gold or Platinum")
    assert api(client, "delete", "/ours").status_code == 204
    assert api(client, "delete", "/inactive-vips").status_code == 404
    assert api(client, "get", "/ours").status_code == 404


def test_programs_are_told_every_problem_of_a_template(client, file):
    client.force_login(make_user(ADMINS))

    refused = api(client, "post", "", changed(file, 0, operator="x"))

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "definition.children[0].operator"
    assert api(client, "post", "", {"segment": "none"}).status_code == 400
    assert api(client, "post", "", {}).status_code == 400


def test_marketers_begin_by_api_without_what_only_admins_create(client, marketer):
    assert api(client, "post", "/inactive-vips/create", {}).status_code == 403
    begun = api(client, "post", "/inactive-vips/create", {"create_missing": False})

    assert begun.status_code == 201
    assert not Field.objects.exists()
    assert BY_KEY["inactive-vips"].definition == begun.json()["definition"]


def test_a_template_outlives_its_author_and_its_segment(gold):
    user = make_user()
    saved = save_as_template(
        segment=gold, name="Ours", description="", category="", author=user, now=NOW
    )
    user.delete()
    services.delete_segment(segment=settled(gold))

    saved.refresh_from_db()
    assert as_template(saved).author == ""
