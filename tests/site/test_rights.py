"""Each page for each role: opened or refused by the server, whatever the page before showed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver, reverse

from contacts.models import Contact
from events.models import EventType
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from tests.site.world import make_import, make_person, make_world

pytestmark = pytest.mark.django_db

ALL = {MARKETERS, CAMPAIGN_MANAGERS, ADMINS}
WRITERS = {MARKETERS, ADMINS}
ONLY_ADMINS = {ADMINS}
EVERYBODY = {*ALL, ""}

PAGES = {
    "home": EVERYBODY,
    "search": EVERYBODY,
    "account": EVERYBODY,
    "freshness": ALL,
    "segment_list": ALL,
    "segment_detail vips": ALL,
    "segment_activity vips": ALL,
    "segment_versions vips": ALL,
    "segment_csv vips": ALL,
    "segment_edit_details vips": WRITERS,
    "segment_new": WRITERS,
    "segment_from_template inactive-vips": WRITERS,
    "builder vips": WRITERS,
    "builder_result vips": WRITERS,
    "builder_values vips ?node=n2&name=value": WRITERS,
    "builder_test vips": WRITERS,
    "builder_publish vips": WRITERS,
    "builder_json vips": WRITERS,
    "builder_discard vips": WRITERS,
    "builder_others vips": WRITERS,
    "segment_archive vips": WRITERS,
    "segment_delete vips": WRITERS,
    "contact_list": ALL,
    "contact_detail CONTACT": ALL,
    "contact_edit CONTACT": ONLY_ADMINS,
    "contact_value CONTACT city": ONLY_ADMINS,
    "contact_consent CONTACT email": ONLY_ADMINS,
    "contact_name_remove CONTACT ?kind=email&value=anna@example.com": ONLY_ADMINS,
    "contact_everything CONTACT": ONLY_ADMINS,
    "contact_erase CONTACT": ONLY_ADMINS,
    "contact_export": ALL,
    "contact_columns": ALL,
    "contact_count": ALL,
    "contact_bulk": ALL,
    "contact_bulk ?do=add&id=1": WRITERS,
    "contact_bulk ?do=remove&all=1": WRITERS,
    "contact_bulk ?do=erase&id=1": ONLY_ADMINS,
    "filter_choose": ALL,
    "filter_edit ?add=field:city": ALL,
    "filter_values": ALL,
    "import_list": ONLY_ADMINS,
    "import_detail IMPORT": ONLY_ADMINS,
    "import_refused IMPORT": ONLY_ADMINS,
    "contact_merge CONTACT": ONLY_ADMINS,
    "contact_merge_with CONTACT SECOND": ONLY_ADMINS,
    "field_list": ALL,
    "field_new": ONLY_ADMINS,
    "field_edit Birthday": ONLY_ADMINS,
    "field_delete Birthday": ONLY_ADMINS,
    "event_feed": ALL,
    "event_type_list": ALL,
    "event_type_detail TYPE": ALL,
    "event_type_new": ONLY_ADMINS,
    "send_events": ALL,
    "settings": ONLY_ADMINS,
    "key_list": ONLY_ADMINS,
    "key_new": ONLY_ADMINS,
    "key_revoke KEY": ONLY_ADMINS,
    "user_list": ONLY_ADMINS,
    "user_new": ONLY_ADMINS,
    "user_edit OTHER": ONLY_ADMINS,
    "user_password OTHER": ONLY_ADMINS,
    "workspace": ONLY_ADMINS,
    "demo_remove": ONLY_ADMINS,
    "retention_list": ONLY_ADMINS,
    "retention_edit TYPE": ONLY_ADMINS,
}
POSTS = {
    "segment_pause vips": WRITERS,
    "segment_resume vips": WRITERS,
    "segment_duplicate vips": WRITERS,
    "segment_archive draft": WRITERS,
    "segment_delete draft": WRITERS,
    "segment_restore draft": WRITERS,
    "segment_restore_version vips 1": WRITERS,
    "segment_edit_details vips": WRITERS,
    "segment_new": WRITERS,
    "segment_from_template inactive-vips": WRITERS,
    "builder_do vips": WRITERS,
    "builder_publish vips": WRITERS,
    "builder_json vips": WRITERS,
    "builder_discard vips": WRITERS,
    "send_events": ONLY_ADMINS,
    "contact_edit CONTACT": ONLY_ADMINS,
    "contact_value CONTACT city": ONLY_ADMINS,
    "contact_consent CONTACT email": ONLY_ADMINS,
    "field_edit Birthday": ONLY_ADMINS,
    "contact_erase CONTACT": ONLY_ADMINS,
    "contact_export": ALL,
    "contact_columns": ALL,
    "contact_bulk ?do=add&id=1": WRITERS,
    "contact_bulk ?do=remove&all=1": WRITERS,
    "contact_bulk ?do=erase&all=1": ONLY_ADMINS,
    "import_list": ONLY_ADMINS,
    "import_detail IMPORT": ONLY_ADMINS,
    "import_cancel IMPORT": ONLY_ADMINS,
    "contact_merge_with CONTACT SECOND": ONLY_ADMINS,
    "field_new": ONLY_ADMINS,
    "field_delete Birthday": ONLY_ADMINS,
    "field_move Birthday": ONLY_ADMINS,
    "event_type_new": ONLY_ADMINS,
    "event_type_detail TYPE": ONLY_ADMINS,
    "key_new": ONLY_ADMINS,
    "key_revoke KEY": ONLY_ADMINS,
    "user_new": ONLY_ADMINS,
    "user_edit OTHER": ONLY_ADMINS,
    "user_password OTHER": ONLY_ADMINS,
    "workspace": ONLY_ADMINS,
    "unknown_types": ONLY_ADMINS,
    "retention_edit TYPE": ONLY_ADMINS,
    "retention_pause TYPE": ONLY_ADMINS,
    "demo_load": ONLY_ADMINS,
    "demo_stream": ONLY_ADMINS,
    "demo_remove": ONLY_ADMINS,
    "account": EVERYBODY,
    "account_password": EVERYBODY,
}


@pytest.fixture
def world():
    make_world(now=current_time())


def address(page: str) -> str:
    """The name of a page, what it is about in words, and perhaps the query."""
    page, _, query = page.partition(" ?")
    name, *words = page.split()
    known = {
        "CONTACT": lambda: Contact.objects.get(external_id="anna").pk,
        "SECOND": lambda: Contact.objects.create(external_id="second").pk,
        "TYPE": lambda: EventType.objects.get(key="Purchase").pk,
        "OTHER": lambda: User.objects.create_user("other").pk,
        "IMPORT": lambda: make_import(now=current_time()).pk,
        "KEY": lambda: ApiKey.objects.get().pk,
    }
    args = [known[word]() if word in known else word for word in words]
    return reverse(name, args=args) + (f"?{query}" if query else "")


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_those_who_may_see_it_and_no_one_else(client, world, name, role):
    client.force_login(make_person(role))

    response = client.get(address(name))

    assert response.status_code in ((200, 302) if role in PAGES[name] else (403,))


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize("name", POSTS)
def test_a_change_is_refused_to_those_who_may_not_make_it(client, world, name, role):
    client.force_login(make_person(role))

    response = client.post(address(name))

    if role in POSTS[name]:
        assert response.status_code in (200, 302, 409, 422)
    else:
        assert response.status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_whoever_has_not_signed_in_is_asked_to_and_comes_back(client, world, name):
    path = address(name)

    response = client.get(path)

    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{reverse('login')}?next=")


def test_the_tables_above_name_every_page():
    """A page that is added must say here who may open it."""
    named = {page.partition(" ")[0] for page in (*PAGES, *POSTS)}
    elsewhere = {"login", "logout", "theme"}

    assert set(names_below(get_resolver())) <= named | elsewhere


def names_below(resolver: URLResolver) -> Iterator[str]:
    """Of the addresses, other than those of the APIs and of Django's own administration."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith(("api/", "v1/", "admin/")):
                yield from names_below(pattern)
        elif pattern.name:
            yield pattern.name
