"""What the documents promise to list, they list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PRODUCT = ("campaigns", "contacts", "events", "segmentflow", "segments")
# Of the machine, of Django, or between our own processes: nobody sets them for us.
NOT_OURS_TO_EXPLAIN = {
    *("DEBUG", "DJANGO_SETTINGS_MODULE", "PATH", "TEST_DATABASE_NAME", "XDG_DATA_HOME"),
    *("SEGMENTFLOW_DEMO", "SEGMENTFLOW_STATIC", "SEGMENTFLOW_SUPERVISOR", "SEGMENTFLOW_WAKE"),
}


def required() -> list[str]:
    lines = [
        line
        for name in ("requirements.in", "requirements-test.in")
        for line in (TOP / name).read_text().splitlines()
        if line and not line.startswith("-")
    ]
    return [re.split(r"[<>=\[]", line)[0] for line in lines]


def variables() -> list[str]:
    """Every name that the product reads from its environment."""
    read = re.compile(r"""(?:environ(?:\.get\(|\[)|_listed\()\s*"([A-Z_]+)\"""")
    sources = [path for app in PRODUCT for path in sorted((TOP / app).rglob("*.py"))]
    found = {
        name
        for path in sources
        if "tests" not in path.parts
        for name in read.findall(path.read_text())
    }
    return sorted(found - NOT_OURS_TO_EXPLAIN)


def links() -> list[tuple[str, str]]:
    documents = [*TOP.glob("*.md"), *sorted((TOP / "docs").rglob("*.md"))]
    return [
        (str(path.relative_to(TOP)), target)
        for path in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    ]


@pytest.mark.parametrize("name", required())
def test_every_dependency_has_its_reason(name):
    assert re.search(
        rf"(?<![\w-]){re.escape(name)}(?![\w-])", (TOP / "CONTRIBUTING.md").read_text()
    )


@pytest.mark.parametrize("name", variables())
def test_every_variable_of_the_environment_is_explained(name):
    assert f"`{name}`" in (TOP / "docs" / "operations.md").read_text()


@pytest.mark.parametrize(("document", "target"), links())
def test_every_link_leads_to_a_file(document, target):
    assert (TOP / document).parent.joinpath(target).exists()
