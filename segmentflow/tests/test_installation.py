"""Which servers an installation works with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from segmentflow.installation import Unsuitable, check_server

NAME = "test_without_letters"


@pytest.mark.django_db
def test_the_server_of_the_tests_will_do():
    check_server()


@pytest.fixture(params=["UTF8", "SQL_ASCII"])
def database_without_letters(request, transactional_db) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(
            f"CREATE DATABASE {NAME} ENCODING '{request.param}' LC_CTYPE 'C' LC_COLLATE 'C'"
            " LOCALE_PROVIDER libc TEMPLATE template0"
        )
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = NAME
    yield
    connection.close()
    connection.settings_dict["NAME"] = usual
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {NAME}")


@pytest.mark.usefixtures("database_without_letters")
def test_a_database_that_knows_only_a_to_z_is_refused():
    with pytest.raises(Unsuitable, match=r"C\.UTF-8"):
        check_server()
