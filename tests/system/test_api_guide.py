"""docs/api-guide.md, as it is printed: every example is run, every answer compared."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.guide import Block, Reader, blocks_of
from tests.system.installation import TOP, Installation, free_port

pytestmark = pytest.mark.slow

GUIDE = TOP / "docs" / "api-guide.md"
NEEDED = ("curl", "node")
BLOCKS = list(blocks_of(GUIDE.read_text()))


def test_every_block_is_run_or_is_an_answer():
    assert {block.kind for block in BLOCKS} == {"sh", "python", "js", "json", "text"}
    assert len(BLOCKS) == GUIDE.read_text().count("```") // 2


@pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="the guide's examples need curl and node"
)
def test_the_guide_can_be_followed_from_its_beginning_to_its_end(
    installed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    installed.environment["OUTBOUND_PRIVATE_HOSTS"] = "127.0.0.1"
    installed.start()
    port = free_port()
    reader = Reader(
        top=TOP,
        folder=tmp_path,
        environment=installed.environment,
        port=port,
        instead={
            "127.0.0.1:8000": f"127.0.0.1:{installed.port}",
            "127.0.0.1:9000": f"127.0.0.1:{port}",
            "9000": str(port),
            ".venv/bin/python ": f"{sys.executable} ",
            "python3": sys.executable,
        },
    )
    try:
        for block in BLOCKS:
            _follow(reader, block, monkeypatch)
    finally:
        reader.stop()


def _follow(reader: Reader, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "API"):
        monkeypatch.setenv(name, reader.environment.get(name, ""))
    try:
        reader.follow(block)
    except Exception as problem:
        raise AssertionError(f"{GUIDE.name}, line {block.line}: {block.text}") from problem
