"""Where files of imports lie: a folder for each in the data directory."""

from __future__ import annotations

import contextlib
import io
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db.models import Q

from contacts.models import ContactImport

KEPT: Final = timedelta(days=30)
"""How long refused rows can be downloaded, and an import that was not begun can be."""
LONGEST_UPLOAD: Final = timedelta(days=1)
"""A folder of no import that is older was left by a crash while a file arrived."""


def folder_of(token: str) -> Path:
    return Path(settings.IMPORTS_DIR) / token


def upload_of(one: ContactImport) -> Path:
    """The file as it was brought."""
    return folder_of(one.token) / "upload"


def rows_of(one: ContactImport) -> Path:
    """The same in UTF-8, and a workbook's sheet as CSV; what is read while importing."""
    return folder_of(one.token) / "rows"


def refused_of(one: ContactImport) -> Path:
    return folder_of(one.token) / "refused.csv"


def make_folder(token: str) -> Path:
    """Readable by its owner alone, as the data directory is."""
    folder = folder_of(token)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    return folder


def drop_rows(one: ContactImport) -> None:
    """What an import that has ended needs no more; its refused rows stay for a while."""
    upload_of(one).unlink(missing_ok=True)
    rows_of(one).unlink(missing_ok=True)


def drop_files(token: str) -> None:
    shutil.rmtree(folder_of(token), ignore_errors=True)


def drop_old_files(*, now: datetime) -> int:
    """Forget files that nobody has wanted for long; answers how many imports had some."""
    _drop_left_over(now)
    old = ContactImport.objects.filter(_is_old(now))
    for one in old:
        drop_files(one.token)
        if one.state == ContactImport.State.READY:
            one.state, one.ended_at = ContactImport.State.CANCELLED, now
        one.has_files = False
        one.save(update_fields=["state", "ended_at", "has_files"])
    return len(old)


def _drop_left_over(now: datetime) -> None:
    folders = {path.name: path for path in Path(settings.IMPORTS_DIR).glob("*")}
    old = (now - LONGEST_UPLOAD).timestamp()
    for token in folders.keys() - set(ContactImport.objects.values_list("token", flat=True)):
        with contextlib.suppress(FileNotFoundError):
            if folders[token].stat().st_mtime < old:
                drop_files(token)


def are_old_files(*, now: datetime) -> bool:
    return ContactImport.objects.filter(_is_old(now)).exists()


def _is_old(now: datetime) -> Q:
    waits = Q(state=ContactImport.State.READY, created_at__lt=now - KEPT)
    return Q(has_files=True) & (waits | Q(ended_at__lt=now - KEPT))


class ToFolder(FileUploadHandler):
    """Writes the file of a form to a folder of its own while it arrives; one that is too large is dropped."""

    chunk_size = 256 * 1024

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.token = ""
        self._out: IO[bytes] = io.BytesIO()
        self.size = 0
        self.is_too_large = False
        self.trouble: OSError | None = None
        """Why it could not be written. It is read to its end all the same: whoever sends it hears no answer before."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.token:
            raise SkipFile  # one is enough
        self.token = uuid.uuid4().hex
        try:
            self._out = (make_folder(self.token) / "upload").open("wb")
        except OSError as problem:
            self._give_up(problem)
            raise SkipFile from None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.size + len(raw_data) > settings.MAX_IMPORT_BYTES:
            self.is_too_large = True
            self.drop()
            raise SkipFile
        try:
            self._out.write(raw_data)
        except OSError as problem:
            self._give_up(problem)
            raise SkipFile from None
        self.size += len(raw_data)

    def file_complete(self, file_size: int) -> Any:
        try:
            self._out.close()
        except OSError as problem:
            self._give_up(problem)
        return Received(self.file_name or "file", self.token, self.size)

    def upload_interrupted(self) -> None:
        self.drop()

    def _give_up(self, problem: OSError) -> None:
        """What there is of it takes the room that others need."""
        self.trouble = problem
        self.drop()

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._out.close()
        if self.token:
            drop_files(self.token)


class Received:
    """What a form's `files` have for a file that lies in its folder."""

    def __init__(self, name: str, token: str, size: int) -> None:
        self.name, self.token, self.size = name, token, size

    def chunks(self) -> Iterator[bytes]:
        yield from ()

    def close(self) -> None:
        """It is closed already."""
