"""The first page comes quickly over a slow line: under 300 KB, compressed and kept for ever."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from segmentflow.clock import current_time
from segmentflow.roles import ADMINS
from tests.site.world import make_person, make_world

pytestmark = pytest.mark.django_db
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """The files as an installation serves them."""
    data = tmp_path_factory.mktemp("data")
    environment = os.environ | {
        "SEGMENTFLOW_DATA_DIR": str(data),
        "SEGMENTFLOW_STATIC": "collected",
    }
    subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "collectstatic", "--noinput"],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return data / "static"


class Files(HTMLParser):
    """What a browser loads before it shows the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        address = given.get("href") if tag == "link" else given.get("src")
        if tag in ("link", "script", "img") and address:
            self.found.add(address.removeprefix("/static/"))


def with_imports(root: Path, names: dict[str, str], name: str) -> set[str]:
    """The file and the modules that it imports, by their hashed names."""
    hashed = names[name]
    found = {hashed}
    if name.startswith("js/"):
        for imported in re.findall(r'import\s*"\./([^"]+)"', (root / hashed).read_text()):
            assert re.search(r"\.[0-9a-f]{12}\.js$", imported), f"{imported} is not hashed"
            found.add(f"js/{imported}")
    return found


@pytest.mark.parametrize("path", ["/", "/segments", "/segments/vips", "/contacts", "/events"])
def test_a_first_visit_weighs_less_than_300_kb(client, collected, path):
    make_world(now=current_time())
    client.force_login(make_person(ADMINS))
    page = client.get(path).content
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    parser = Files()
    parser.feed(page.decode())

    files = {file for name in parser.found for file in with_imports(collected, names, name)}
    sizes = {file: smallest(collected / file) for file in files}

    assert len(files) > 5
    assert len(page) + sum(sizes.values()) < MOST_BYTES, sorted(sizes.items(), key=lambda x: -x[1])


def smallest(file: Path) -> int:
    """Gzip: every browser takes it, and brotli is smaller still."""
    compressed = file.with_name(f"{file.name}.gz")
    return (compressed if compressed.exists() else file).stat().st_size
