"""Who looks at the pages of contacts."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contacts.models import ContactImport
from contacts.tests.importing import settle
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.users import give_role


@pytest.fixture
def sign_in_as(client):
    """Signs in somebody with a role, or with none."""

    def sign_in(role):
        user = User.objects.create_user(role.lower() or "nobody")
        give_role(user=user, role=role)
        client.force_login(user)
        return user

    return sign_in


@pytest.fixture
def marketer(sign_in_as):
    """Signed in; may see contacts and fields, and change none."""
    return sign_in_as(MARKETERS)


@pytest.fixture
def boss(sign_in_as):
    """Signed in; may do everything."""
    return sign_in_as(ADMINS)


@pytest.fixture
def folder(tmp_path, settings):
    """Where the files of imports lie."""
    settings.IMPORTS_DIR = tmp_path / "imports"
    return settings.IMPORTS_DIR


@pytest.fixture
def bring(client, boss, folder):
    """Uploads a file; the import it became."""

    def upload(content, name="people.csv"):
        content = content.encode() if isinstance(content, str) else content
        sent = {"file": SimpleUploadedFile(name, content)}
        response = client.post(reverse("import_list"), sent)
        assert response.status_code == 302, response.content.decode()
        return ContactImport.objects.latest("pk")

    return upload


@pytest.fixture
def press(client):
    """Presses a button of an import's page with what is chosen there."""

    def post(one, action, **chosen):
        response = client.post(
            reverse("import_detail", args=[one.pk]), {"action": action, **chosen}
        )
        one.refresh_from_db()
        return response

    return post


@pytest.fixture
def run(press):
    """Presses Import, and lets the cluster do all of it."""

    def finish(one, **chosen):
        response = press(one, "run", **chosen)
        assert response.status_code == 302, response.content.decode()
        settle(one)
        return one

    return finish
