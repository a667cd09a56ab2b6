"""The one file of a backup: a tar of which every byte is checked.

Parts are written as they come, each with its size put before it afterwards; what says that the
file is whole comes last. `tar` lists and unpacks it, and `sha256sum -c SHA256SUMS` checks that.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
BLOCK: Final = tarfile.BLOCKSIZE
CHUNK: Final = 1 << 20
LARGEST_TEXT: Final = 16 << 20
"""Of a part that is read as a whole."""
NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*", re.ASCII)
"""Of parts: nothing that leads out of a folder."""


class Damaged(Exception):
    """Not all of the file is as it was written, or it is none of ours."""


@dataclass(frozen=True)
class Part:
    offset: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Archive:
    """One that is whole; see `read_archive`."""

    path: Path
    parts: dict[str, Part]
    manifest: dict[str, Any]

    def chunks(self, name: str) -> Iterator[bytes]:
        part = self.parts[name]
        with self.path.open("rb") as file:
            file.seek(part.offset)
            yield from _chunks(file, part.size)

    def text(self, name: str) -> str:
        return b"".join(self.chunks(name)).decode()


class ArchiveWriter:
    """Into a file that is new, and can be gone back in."""

    def __init__(self, file: IO[bytes], *, now: datetime) -> None:
        self._file = file
        self._now = now
        self.parts: dict[str, Part] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> Part:
        file, digest, size = self._file, hashlib.sha256(), 0
        begin = file.tell()
        file.write(bytes(BLOCK))  # until the size is known: the end of a tar
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.write(bytes(-size % BLOCK))
        end = file.tell()
        file.seek(begin)
        file.write(self._header(name, size))
        file.seek(end)
        part = self.parts[name] = Part(begin + BLOCK, size, digest.hexdigest())
        return part

    def finish(self, manifest: dict[str, Any]) -> None:
        """What tells that all is there, at the end."""
        text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True)
        self.add(MANIFEST, [text.encode()])
        sums = "".join(f"{part.sha256}  {name}\n" for name, part in self.parts.items())
        self.add(SUMS, [sums.encode()])
        self._file.write(bytes(2 * BLOCK))

    def _header(self, name: str, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self._now.timestamp())
        header = info.tobuf(tarfile.GNU_FORMAT)
        assert len(header) == BLOCK, "a name is too long"  # noqa: S101 - they are ours
        return header


def is_archive(path: Path) -> bool:
    """By how it begins; a half one as well."""
    with path.open("rb") as file:
        return file.read(BLOCK)[257:262] == b"ustar"


def read_archive(path: Path) -> Archive:
    """Every byte of it is read and checked. Raises Damaged."""
    with path.open("rb") as file:
        parts = dict(_parts(file))
        if [*parts][-2:] != [MANIFEST, SUMS]:
            raise Damaged("It ends before it is complete.")
        sums = {name: part.sha256 for name, part in parts.items() if name != SUMS}
        told = _read_text(file, parts[SUMS])
        if told != "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()):
            wrong = [name for name, sha256 in sums.items() if f"{sha256}  {name}\n" not in told]
            raise Damaged(f"The checksum of {(wrong or [SUMS])[0]} does not match.")
        try:
            manifest = json.loads(_read_text(file, parts[MANIFEST]))
        except ValueError:
            raise Damaged(f"Its {MANIFEST} is not one of SegmentFlow.") from None
    if not isinstance(manifest, dict):
        raise Damaged(f"Its {MANIFEST} is not one of SegmentFlow.")
    return Archive(path, parts, manifest)


def _parts(file: IO[bytes]) -> Iterator[tuple[str, Part]]:
    seen = set()
    while (header := file.read(BLOCK)) != bytes(BLOCK):
        info = _info(header)
        if not info.isreg() or not NAME.fullmatch(info.name) or info.name in seen:
            raise Damaged(f"It holds {info.name[:100]!r}, which no backup does.")
        seen.add(info.name)
        offset, digest = file.tell(), hashlib.sha256()
        for chunk in _chunks(file, info.size):
            digest.update(chunk)
        _expect_zeros(file, -info.size % BLOCK)
        yield info.name, Part(offset, info.size, digest.hexdigest())
    _expect_zeros(file, BLOCK)
    while rest := file.read(CHUNK):
        if rest.strip(b"\0"):
            raise Damaged("Something follows behind its end.")


def _info(header: bytes) -> tarfile.TarInfo:
    if len(header) < BLOCK:
        raise Damaged("It ends before it is complete.")
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeError):
        raise Damaged("A part of it begins with something else than a header.") from None
    if info.tobuf(tarfile.GNU_FORMAT) != header:  # the checksum of a header is not for itself
        raise Damaged("A header in it is not as it was written.")
    return info


def _expect_zeros(file: IO[bytes], count: int) -> None:
    found = file.read(count)
    if len(found) < count:
        raise Damaged("It ends before it is complete.")
    if found.strip(b"\0"):
        raise Damaged("There is something between its parts.")


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(size, CHUNK))
        if not chunk:
            raise Damaged("It ends before it is complete.")
        size -= len(chunk)
        yield chunk


def _read_text(file: IO[bytes], part: Part) -> str:
    if part.size > LARGEST_TEXT:
        raise Damaged("Its list of contents is too long.")
    file.seek(part.offset)
    try:
        return b"".join(_chunks(file, part.size)).decode()
    except UnicodeDecodeError:
        raise Damaged("Its list of contents is no text.") from None
