"""A world that stands for a whole module: each test undoes what it does in it."""

from __future__ import annotations

from collections.abc import Iterator
from logging import getLogger
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.tests.made import enter
from tests.site.matrix import ANONYMOUS, KEYS, NO_ROLE, PEOPLE, SUPERUSER
from tests.site.world import make_person, make_things, make_world


class Standing:
    """The world, what is in it, and everybody who may come."""

    def __init__(self) -> None:
        now = current_time()
        make_world(now=now)
        self.things = make_things(now=now)
        self._cookies = {name: _signed_in(name).cookies for name in PEOPLE}
        self._keys = {scope: create_key(name=scope, scopes=[scope])[1] for scope in KEYS}

    def address(self, pattern: str) -> str:
        return pattern.format_map(self.things)

    def client(self, who: str) -> Client:
        """As they come: with a session, with a key, or with nothing."""
        if who in self._keys:
            return Client(headers={"Authorization": f"Bearer {self._keys[who]}"})
        client = Client()
        client.cookies.update(self._cookies[who])
        return client


def _signed_in(name: str) -> Client:
    client = Client()
    if name == SUPERUSER:
        enter(client, User.objects.create_superuser("super person"))
    elif name != ANONYMOUS:
        enter(client, make_person("" if name == NO_ROLE else name))
    return client


@pytest.fixture(scope="module")
def standing(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(
            IMPORTS_DIR=tmp_path_factory.mktemp("imports"),
            EXPORTS_DIR=tmp_path_factory.mktemp("exports"),
        ),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        # A thousand refusals, each with where it was raised.
        patch.setattr(getLogger("django.request"), "disabled", True)
        yield Standing()
        transaction.set_rollback(True)
