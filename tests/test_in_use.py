"""What is in use is neither deleted nor archived; everything that uses it is named, with its page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Event as Signal

import pytest
from django.db import connection, transaction
from django.urls import reverse

from campaigns.models import Campaign, CampaignTarget
from contacts.fields import delete_field, update_field
from contacts.models import ContactImport, Field
from contacts.problems import Conflict
from contacts.usage import uses_by_key, uses_of
from events.models import EventType
from events.registry import update_event_type
from segmentflow.roles import ADMINS
from segments import services
from segments.builder.drafts import open_draft, save_step
from segments.conditions.problems import InvalidDefinition
from segments.models import Segment
from segments.starting.saving import save_as_template
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    in_segment,
    make_field,
    make_segment,
    make_user,
    settled,
)
from segments.usage import keeping_segment, uses_of_segment

pytestmark = pytest.mark.django_db

BOUGHT = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1}],
}


@pytest.fixture
def admin(client):
    user = make_user(ADMINS)
    client.force_login(user)
    return user


@pytest.fixture
def purchase():
    return EventType.objects.create(key="Purchase", label="Bought")


def api(client, method, path, data=None):
    return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json")


def text(response):
    return unescape(" ".join(response.content.decode().split()))


def archive(event_type):
    return update_event_type(event_type=event_type, raw={"archived": True}, now=NOW)


# Fields


def make_import(state):
    mapping = [
        {"target": "external_id", "style": "", "key": ""},
        {"target": "attributes.tier", "style": "", "key": ""},
    ]
    return ContactImport.objects.create(
        name=f"{state}.csv", token=state, kind="csv", size=1, state=state, mapping=mapping
    )


def test_everything_that_uses_a_field_is_listed(admin):
    make_field()
    make_segment("gold", GOLD)
    make_segment("idea", GOLD, status="draft")
    save_as_template(
        segment=Segment.objects.get(key="gold"),
        name="Ours",
        description="",
        category="",
        author=admin,
        now=NOW,
    )
    named = {"text": "{{ contact.tier }}"}
    Campaign.objects.create(name="Running", channel="sms", status="live", content=named)
    for state in ("ready", "running", "done"):
        make_import(state)

    found = {use.name: use for use in uses_by_key("field", ["tier"])["tier"]}

    assert sorted(found) == [
        "Campaign Running",
        "Gold",
        "Idea",
        "Import ready.csv",
        "Import running.csv",
        "Ours",
    ]
    assert found["Ours"].url == reverse("segment_from_template", args=["ours"])
    assert [use.name for use in uses_of("field", "tier")] == [
        "Campaign Running",
        "Gold",
        "Import running.csv",
    ]


def test_a_field_in_use_is_not_deleted_and_the_question_links_to_its_users(client, admin):
    field = make_field()
    make_segment("gold", GOLD)

    question = text(client.get(reverse("field_delete", args=["tier"])))

    assert '<a href="/segments/gold">Gold</a>' in question
    assert "Delete field</button>" not in question
    with pytest.raises(Conflict, match="used by “Gold” and cannot be deleted"):
        delete_field(field=field)


def test_drafts_that_name_a_field_are_told_before_it_goes(client, admin):
    make_field()
    make_segment("idea", GOLD, status="draft")

    question = text(client.get(reverse("field_delete", args=["tier"])))

    assert "“Idea” names it in a draft" in question
    assert "Delete field</button>" in question


def test_a_field_in_use_is_not_archived_and_its_users_are_named(client, admin):
    make_field()
    make_segment("gold", GOLD)

    answer = api(client, "patch", "fields/tier", {"archived": True})
    page = client.post(reverse("field_edit", args=["tier"]), {"label": "Tier", "archived": "on"})

    assert answer.status_code == 409
    assert "used by “Gold” and cannot be archived" in answer.json()["detail"]
    assert page.status_code == 422
    assert "archived" in page.context["form"].errors
    assert Field.objects.get().archived_at is None


def test_what_was_archived_already_can_still_be_described(client, admin):
    make_field()
    make_segment("gold", GOLD)
    Field.objects.update(archived_at=NOW)

    answer = api(client, "patch", "fields/tier", {"archived": True, "label": "Level"})

    assert answer.json()["label"] == "Level"


# Event types


def test_an_event_type_in_use_is_not_archived_and_its_users_are_named(client, admin, purchase):
    make_segment("buyers", BOUGHT)

    answer = api(client, "patch", "event-types/Purchase", {"archived": True})
    detail = reverse("event_type_detail", args=[purchase.pk])
    page = client.post(detail, {"label": "Bought", "archived": "on"})

    assert answer.status_code == 409
    assert "“Bought” is used by “Buyers” and cannot be archived" in answer.json()["detail"]
    assert page.status_code == 422
    assert "archived" in page.context["form"].errors
    assert '<a href="/segments/buyers">Buyers</a>' in text(page)


def test_an_event_type_that_only_drafts_name_is_archived(purchase):
    make_segment("idea", BOUGHT, status="draft")

    assert archive(purchase).archived_at == NOW


# Segments


def test_drafts_that_name_a_segment_are_listed_and_do_not_keep_it(client, admin):
    make_segment("vips")
    make_segment("idea", in_segment("vips"), status="draft")
    other = make_segment("other")
    seen = open_draft(segment=other)
    save_step(
        segment=other,
        revision=seen.revision,
        tree=in_segment("vips"),
        label="",
        person=admin,
        now=NOW,
    )

    page = text(client.get(reverse("segment_detail", args=["vips"])))
    question = text(client.get(reverse("segment_delete", args=["vips"])))

    assert [use.name for use in uses_of_segment("vips")] == ["Idea", "Other"]
    assert keeping_segment("vips", also_over=True) == []
    assert "Idea</a> <span" in page
    assert "“Other” names it in a draft" in question


def test_a_segment_that_is_followed_and_drafted_by_another_is_listed_once(admin):
    make_segment("vips")
    other = settled(make_segment("other", in_segment("vips")))
    services.update_segment(
        segment=other, definition=in_segment("vips"), status="paused", author=None, now=NOW
    )

    assert [(use.name, use.is_draft) for use in uses_of_segment("vips")] == [("Other", False)]


def test_a_segment_in_use_is_refused_with_links_to_its_users(client, admin):
    segment = make_segment("vips")
    make_segment("other", in_segment("vips"))
    campaign = Campaign.objects.create(name="Spring", channel="email")
    CampaignTarget.objects.create(campaign=campaign, segment=segment)

    for doing in ("segment_delete", "segment_archive"):
        question = text(client.get(reverse(doing, args=["vips"])))
        assert '<a href="/segments/other">Other</a>' in question
        assert f'<a href="/campaigns/{campaign.pk}">Campaign Spring</a>' in question

    answer = api(client, "delete", "segments/vips")
    assert answer.status_code == 409
    assert "“Other”, “Campaign Spring”" in answer.json()["detail"]
    answer = api(client, "patch", "segments/vips", {"status": "archived"})
    assert answer.status_code == 409


# Meanwhile


def raced(first, second):
    """Has `second` begin while `first` has done its work and not committed; what both ended in."""
    done, go = Signal(), Signal()

    def slowly():
        try:
            with transaction.atomic():
                first()
                done.set()
                go.wait(10)
        except (Conflict, InvalidDefinition) as refused:
            return refused
        finally:
            done.set()
            connection.close()

    def then():
        try:
            done.wait(10)
            second()
        except (Conflict, InvalidDefinition) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(slowly), pool.submit(then)]
        done.wait(10)
        with pytest.raises(TimeoutError):
            results[1].result(0.3)  # it waits
        go.set()
        return [result.result(20) for result in results]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_using_first", [True, False])
@pytest.mark.parametrize("what", ["field deleted", "field archived", "type archived", "segment"])
def test_nothing_is_taken_away_while_somebody_begins_to_use_it(what, is_using_first):
    field, event_type = make_field(), EventType.objects.create(key="Purchase")
    vips = make_segment("vips", EVERYONE)
    definition, take_away = {
        "field deleted": (GOLD, lambda: delete_field(field=field)),
        "field archived": (
            GOLD,
            lambda: update_field(field=field, raw={"archived": True}, now=NOW),
        ),
        "type archived": (BOUGHT, lambda: archive(event_type)),
        "segment": (in_segment("vips"), lambda: services.delete_segment(segment=vips)),
    }[what]

    def use():
        make_segment("user", definition)

    first, second = (use, take_away) if is_using_first else (take_away, use)
    before, after = raced(first, second)

    assert before is None
    assert isinstance(after, Conflict if is_using_first else InvalidDefinition)
