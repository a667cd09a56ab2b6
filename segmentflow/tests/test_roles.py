"""The three roles come with the database and have exactly their rights."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from segmentflow.models import User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS, RIGHTS, grant_rights

pytestmark = pytest.mark.django_db


def member_of(role: str) -> User:
    user = User.objects.create_user(role)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (MARKETERS, "segments.change_segment", "contacts.change_field"),
        (MARKETERS, "events.view_eventtype", "segmentflow.view_apikey"),
        (MARKETERS, "contacts.view_contact", "segmentflow.change_user"),
        (CAMPAIGN_MANAGERS, "segments.view_segment", "segments.change_segment"),
        (CAMPAIGN_MANAGERS, "events.view_event", "segments.add_segment"),
        (ADMINS, "contacts.change_field", "segments.change_membership"),
        (ADMINS, "segmentflow.add_apikey", "segments.delete_transition"),
        (ADMINS, "segmentflow.change_user", "auth.change_group"),
    ],
)
def test_a_role_may_do_its_own_work_only(role, may, may_not):
    user = member_of(role)

    assert user.has_perm(may)
    assert not user.has_perm(may_not)


def test_whoever_has_no_role_may_do_nothing():
    assert User.objects.create_user("guest").get_all_permissions() == set()


def test_rights_given_by_hand_are_taken_back_and_lost_ones_given_again():
    marketers = Group.objects.get(name=MARKETERS)
    marketers.permissions.set([Permission.objects.get(codename="delete_user")])

    grant_rights(plan=[])

    assert member_of(MARKETERS).has_perm("segments.add_segment")
    assert not User.objects.get(username=MARKETERS).has_perm("segmentflow.delete_user")


def test_granting_again_changes_nothing_and_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        grant_rights(plan=[])

    assert Group.objects.filter(name__in=RIGHTS).count() == 3
