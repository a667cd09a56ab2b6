"""The administration as a whole: every page opens, none costs more for more rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django_q.models import Failure, OrmQ

from campaigns.channels.models import Way
from campaigns.models import Campaign, SendingRules
from contacts.models import Contact, Field
from events.models import EventType, IngestProblem
from segmentflow import administration
from segmentflow.api.keys import create_key
from segmentflow.models import ApiKey, User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import enter, make_user, queries, sign_in
from segments.models import Rebuild, Segment, SegmentUse, SegmentVersion
from tests.site.world import make_world

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
ALSO_ADMINISTERED = {Failure, Group}


def address(model, page, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


@pytest.fixture
def world():
    make_world(now=NOW)
    _fail("first")


def _fail(name):
    Failure.objects.create(id=name, name=name, func="f", started=NOW, stopped=NOW, success=False)


def test_everything_is_registered_that_admins_administer():
    ours = {model for model in MODELS if model is not OrmQ}

    assert ours == ALSO_ADMINISTERED | {
        ApiKey,
        Campaign,
        Contact,
        EventType,
        Field,
        IngestProblem,
        Rebuild,
        Segment,
        SegmentVersion,
        SendingRules,
        User,
        Way,
    }


@pytest.mark.parametrize("who", ["admin", "superuser"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_page_opens(client, world, model, who):
    user = make_user("ada", ADMINS) if who == "admin" else User.objects.create_superuser("owner")
    enter(client, user)
    pages = [address(model, "changelist"), f"{address(model, 'changelist')}?q=a"]
    if (row := model._default_manager.first()) is not None:
        pages += [address(model, page, row.pk) for page in ("change", "history", "delete")]
    pages.append(address(model, "add"))

    answers = {path: client.get(path).status_code for path in pages}

    allowed = {200, 302, 403}  # 403: what nobody adds, changes or deletes
    assert set(answers.values()) <= allowed, answers
    if model is not OrmQ or who == "superuser":
        assert answers[pages[0]] == 200


def test_the_beginning_lists_what_the_role_may_see(client, world):
    sign_in(client, MARKETERS, "mark")
    assert b"API keys" not in client.get("/admin/").content
    sign_in(client, ADMINS)
    page = client.get("/admin/").content.decode()
    assert "API keys" in page
    assert "Back to SegmentFlow" in page


@pytest.mark.parametrize("role", [MARKETERS, CAMPAIGN_MANAGERS])
@pytest.mark.parametrize("model", [ApiKey, User, Rebuild, Group, Failure])
def test_what_a_role_does_not_administer_is_refused(client, world, role, model):
    sign_in(client, role)

    assert client.get(address(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", [Rebuild, SegmentVersion, Group])
def test_what_the_program_writes_is_only_read(client, world, model):
    enter(client, User.objects.create_superuser("owner"))
    row = model._default_manager.first()

    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "change", row.pk), {}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def _twice_as_many():
    ada = make_user("eve", ADMINS)
    for number in range(6):
        Contact.objects.create(external_id=f"more {number}")
        Field.objects.create(key=f"more_{number}", label="More", type="text")
        EventType.objects.create(key=f"More {number}")
        create_key(name=f"more {number}", scopes=["read"], created_by=ada)
        make_user(f"more {number}", MARKETERS)
        _fail(f"more {number}")
        Group.objects.create(name=f"more {number}")
        segment = Segment.objects.create(key=f"more_{number}", name="More", owner=ada)
        version = SegmentVersion.objects.create(
            segment=segment, number=1, definition={}, author=ada
        )
        SegmentUse.objects.create(version=version, kind="field", ref="Birthday")
        Rebuild.objects.create(segment=segment, version=version, state="done")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_for_more_rows(client, world, model):
    enter(client, User.objects.create_superuser("owner"))
    client.get(address(model, "changelist"))  # content types are read once for all
    few = queries(lambda: client.get(address(model, "changelist")))
    _twice_as_many()

    assert queries(lambda: client.get(address(model, "changelist"))) == few


def test_a_version_costs_the_same_with_more_uses(client, world):
    enter(client, User.objects.create_superuser("owner"))
    version = SegmentVersion.objects.get(segment__key="vips")
    path = address(SegmentVersion, "change", version.pk)
    client.get(path)
    few = queries(lambda: client.get(path))
    for number in range(4):
        SegmentUse.objects.create(version=version, kind="field", ref=f"more_{number}")

    assert queries(lambda: client.get(path)) == few


def test_long_lists_are_not_counted_to_the_end(client, monkeypatch):
    sign_in(client, ADMINS)
    monkeypatch.setattr(administration, "MOST_COUNTED", 3)
    Contact.objects.bulk_create(Contact(first_name="Anna") for _ in range(3))

    def pages():
        paths = (address(Contact, "changelist"), f"{address(Contact, 'changelist')}?q=ann")
        return [client.get(path).content.decode() for path in paths]

    assert not any("ore than 3" in page for page in pages())
    Contact.objects.bulk_create(Contact(first_name="Anna") for _ in range(2))
    everybody, found = pages()
    assert "More than 3 contacts" in everybody
    assert "more than 3 found" in found


@pytest.mark.parametrize(
    ("cookie", "said"), [("dark", "theme-dark"), ("light", "theme-light"), ("", 'class="')]
)
def test_the_theme_is_the_one_of_the_other_pages(client, cookie, said):
    sign_in(client, ADMINS)
    client.cookies["theme"] = cookie

    body = re.findall(r"<body [^>]*>", client.get("/admin/").content.decode())[0]

    assert said in body
    assert ("theme-" in body) == bool(cookie)


def test_the_colours_are_those_of_the_other_pages():
    folder = Path(settings.BASE_DIR) / "static" / "css"
    light, dark = re.findall(r"\{(.*?)\}", (folder / "app.css").read_text(), re.DOTALL)[:2]
    pairs = re.findall(
        r"--([\w-]+): light-dark\(([^,]+), ([^)]+)\);", (folder / "admin.css").read_text()
    )

    assert len(pairs) > 10
    for name, by_day, by_night in pairs:
        known = name.replace("accent-ink", "accent")
        assert f"--{known}: {by_day};" in light
        assert f"--{known}: {by_night};" in dark
