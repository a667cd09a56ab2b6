"""The page of a new segment with its templates, and the page of each template."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from contacts.models import Field
from events.models import EventType
from segmentflow.roles import ADMINS
from segments.models import Segment
from segments.starting.gallery import TEMPLATES
from segments.tests.made import NOW, make_field, make_user, queries_of

pytestmark = pytest.mark.django_db

ALL = ["field:Status_VIP", "field:Purchase_value_12m", "event:Purchase"]


@pytest.fixture
def admin(client):
    user = make_user(ADMINS, name="ada")
    client.force_login(user)
    return user


def address(template="inactive-vips"):
    return reverse("segment_from_template", args=[template])


def page(client, template="inactive-vips"):
    return text_of(client.get(address(template)))


def text_of(response):
    return unescape(" ".join(response.content.decode().split()))


def post(client, template="inactive-vips", **sent):
    return client.post(address(template), {"name": "Inactive VIPs", **sent})


def test_every_template_is_shown_and_opens(client, marketer):
    gallery = text_of(client.get(reverse("segment_new")))

    for template in TEMPLATES:
        assert template.description in gallery
        assert f'href="{address(template.key)}"' in gallery
        assert template.name in page(client, template.key)


def test_the_gallery_tells_what_is_missing(client, marketer):
    before = text_of(client.get(reverse("segment_new"))).replace("Ready-made", "")
    make_field("Birthday", "date")
    after = text_of(client.get(reverse("segment_new"))).replace("Ready-made", "")

    assert (before.count("Ready"), after.count("Ready")) == (1, 2)
    assert "Missing: VIP status, Purchase value in 12 months, Purchase<" in after


def test_more_fields_cost_no_more_queries(client, marketer):
    few = queries_of(lambda: client.get(reverse("segment_new")))
    for number in range(20):
        make_field(f"field{number}")

    assert queries_of(lambda: client.get(reverse("segment_new"))) == few


def test_the_list_without_segments_leads_to_the_templates(client, marketer):
    listed = text_of(client.get(reverse("segment_list")))

    assert "<p>Begin from a template" in listed
    assert f'href="{reverse("segment_new")}">Describe the first segment' in listed


@pytest.mark.parametrize("template", ["nothing", "-", "<b>", "%00", "inactive-vips-2", "a/b"])
def test_there_is_no_other_template(client, marketer, template):
    assert client.get(f"{reverse('segment_new')}/{template}").status_code == 404


def test_who_may_not_make_segments_sees_no_template(client, reader):
    assert client.get(address()).status_code == 403
    assert post(client).status_code == 403
    assert not Segment.objects.exists()


def test_the_page_says_who_belongs_and_what_it_needs(client, admin):
    said = page(client)

    assert "VIP status is one of Gold or Platinum, and Purchase value in 12 months" in said
    assert said.count(" checked>") == 3
    assert said.count(">Missing<") == 3


def test_an_admin_creates_what_is_missing(client, admin):
    answer = post(client, create=ALL, description="Win them back")

    segment = Segment.objects.get()
    assert answer.headers["Location"] == reverse("builder", args=[segment.key])
    assert (segment.name, segment.description) == ("Inactive VIPs", "Win them back")
    assert (segment.status, segment.owner) == ("draft", admin)
    builder = text_of(client.get(answer.headers["Location"]))
    assert "Created: VIP status, Purchase value in 12 months, Purchase." in builder
    assert "the last Purchase was more than 90 days ago" in builder


def test_an_admin_leaves_out_what_is_not_wanted(client, admin):
    post(client, create=["field:Status_VIP"])

    assert [*Field.objects.values_list("key", flat=True)] == ["Status_VIP"]


def test_what_exists_is_not_offered(client, admin):
    make_field("Status_VIP")

    said = page(client)

    assert 'value="field:Status_VIP"' not in said
    assert said.count(">Exists<") == 1


def test_when_all_is_there_nothing_is_offered(client, admin):
    post(client, create=ALL)

    said = page(client)

    assert "Everything is there." in said
    assert 'name="create"' not in said


def test_a_template_that_needs_nothing_says_so(client, marketer):
    assert "Nothing but what every contact has" in page(client, "new-this-week")


def test_the_same_form_sent_twice_makes_two_drafts(client, admin):
    locations = [post(client, create=ALL).headers["Location"] for _ in range(2)]

    assert locations == ["/segments/inactive-vips/builder", "/segments/inactive-vips-2/builder"]
    assert Field.objects.count() == 2


def test_a_marketer_begins_and_learns_who_creates_what_is_missing(client, marketer):
    said = page(client)
    assert 'name="create"' not in said
    assert "Admins can create what is missing" in said

    answer = post(client)

    assert not Field.objects.exists()
    assert not EventType.objects.exists()
    builder = text_of(client.get(answer.headers["Location"]))
    assert "Status_VIP" in builder
    assert "problem" in builder


@pytest.mark.parametrize("sent", ["field:Status_VIP", "event:Purchase"])
def test_a_marketer_creates_nothing_by_a_forged_form(client, marketer, sent):
    assert post(client, create=[sent]).status_code == 403
    assert not Field.objects.exists()
    assert not EventType.objects.exists()
    assert not Segment.objects.exists()


@pytest.mark.parametrize("sent", ["field:Birthday", "event:<script>", "Status_VIP", "\0", "field:"])
def test_nothing_is_created_that_the_template_does_not_need(client, admin, sent):
    answer = post(client, create=[*ALL, sent])

    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode()
    assert not Field.objects.exists()
    assert not Segment.objects.exists()


def test_what_is_in_the_way_is_told(client, admin):
    make_field("Status_VIP", "number")
    EventType.objects.create(key="Purchase", archived_at=NOW)

    said = page(client)

    assert "its type is “Number”, and “Text” is needed" in said
    assert "It is archived" in said
    assert said.count(">Conflict<") == 2
    assert said.count(" checked>") == 1


def test_what_has_come_into_the_way_meanwhile_stops_everything(client, admin):
    make_field("Status_VIP", "number")

    answer = post(client, create=ALL)

    assert answer.status_code == 409
    assert "Nothing was created" in text_of(answer)
    assert not EventType.objects.exists()
    assert not Segment.objects.exists()


def test_what_is_written_alike_is_shown_as_yours(client, marketer):
    make_field("status_vip")

    said = page(client)

    assert "Yours, in the place of <code>Status_VIP</code>" in said
    assert "Status_vip is one of Gold or Platinum" in said


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_a_wrong_name_creates_nothing_and_keeps_the_ticks(client, admin, name):
    answer = post(client, name=name, create=["field:Status_VIP"])

    assert answer.status_code == 422
    assert text_of(answer).count(" checked>") == 1
    assert not Field.objects.exists()


def test_hostile_names_and_labels_are_only_text(client, admin):
    hostile = "<img src=x onerror=alert(1)>"
    Field.objects.create(key="Status_VIP", label=hostile, type="text")

    assert hostile not in client.get(address()).content.decode()
    answer = post(client, name=hostile, create=ALL, description=hostile)
    builder = client.get(answer.headers["Location"]).content.decode()

    assert hostile not in builder
    assert Segment.objects.get().name == hostile
