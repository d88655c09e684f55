"""Zip files from anyone, read with bounds: nothing in them is believed before it was checked. I/O thread.

Entries are read by name into memory, never unpacked to the disk, and each under a limit of its own.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from types import TracebackType
from typing import BinaryIO

from studio.api.errors import StorageError

MAX_ENTRIES = 20_000
MAX_DIRECTORY_BYTES = 8 << 20
"""What the list of contents may take: it is read whole."""
_END = struct.Struct("<4s4H2LH")
_END_64_PLACE = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 65535
_LOCAL_HEAD_BYTES = 30
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNSAFE_NAME = re.compile(r"^/|^[A-Za-z]:|\\|\x00|(^|/)\.\.?(/|$)|//")
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError,
    NotImplementedError, RuntimeError, OverflowError, MemoryError,
)  # fmt: skip
"""What the library's reader is known to raise on damaged files; found by feeding it such."""


class ZipReader:
    """A zip whose list of contents was checked: no name twice, none that leads elsewhere, no overlaps.

    Args:
        file: Open for reading in binary; stays open, and belongs to the caller.
        where: What errors name, such as the path.
        kind: What the file should be, such as "folio"; errors say it.

    Raises:
        StorageError: it is no zip, is damaged, or is made to do harm.
    """

    def __init__(self, file: BinaryIO, where: str, *, kind: str = "zip file") -> None:
        self.where = where
        self._kind = kind
        try:
            self._size_bytes = file.seek(0, 2)
            _check_directory_size(file, self._size_bytes)
            self._zip = zipfile.ZipFile(file)
            self._entries = self._checked(self._zip.infolist())
        except StorageError:
            raise
        except _Hostile as reason:
            raise self.unsafe(str(reason)) from None
        except DAMAGE:
            raise StorageError(
                f"This is no {kind}, or it is damaged: it isn't a whole zip file.", where=where
            ) from None

    def __enter__(self) -> ZipReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, limit_bytes: int) -> bytes:
        """One entry's content, its checksum compared.

        Raises:
            StorageError: not there, larger than the limit, or damaged.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise self.damaged(f"{name} is missing")
        if entry.file_size > limit_bytes:
            raise self.unsafe(
                f"{name} would unpack to {entry.file_size / 1e6:.0f} MB, "
                f"where at most {limit_bytes / 1e6:.0f} are read"
            )
        try:
            with self._zip.open(entry) as content:
                data = content.read(limit_bytes + 1)
        except DAMAGE:
            raise self.damaged(f"{name} can't be read") from None
        if len(data) != entry.file_size:
            raise self.damaged(f"{name} is shorter or longer than it should be")
        return data

    def damaged(self, what: str) -> StorageError:
        return StorageError(
            f"The {self._kind} is damaged: {what}.",
            where=self.where,
            remedy="Get the file once more, or open an earlier version of it.",
        )

    def unsafe(self, what: str) -> StorageError:
        return StorageError(
            f"The {self._kind} was not opened, because it may do harm: {what}.", where=self.where
        )

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(entries) > MAX_ENTRIES:
            raise _Hostile(f"it has {len(entries)} entries")
        found: dict[str, zipfile.ZipInfo] = {}
        taken: set[str] = set()
        for entry in entries:
            # pyora's names begin with a slash; as nothing is unpacked, that leads nowhere.
            name = entry.orig_filename.removeprefix("/")
            if not name or _UNSAFE_NAME.search(name):
                raise _Hostile(f"an entry's name leads out of it: {name[:80]!r}")
            same = unicodedata.normalize("NFC", name).casefold()
            if same in taken:
                raise _Hostile(f"two of its entries are called {name[:80]!r}")
            taken.add(same)
            if entry.flag_bits & _ENCRYPTED:
                raise _Hostile(f"{name[:80]!r} is encrypted")
            if entry.compress_type not in _KNOWN_METHODS:
                raise _Hostile(f"{name[:80]!r} is packed in an unknown way")
            found[name] = entry
        self._check_places(entries)
        return found

    def _check_places(self, entries: list[zipfile.ZipInfo]) -> None:
        """Entries that share bytes are how a small file unpacks to a huge one."""
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise _Hostile("its entries overlap")
            end = entry.header_offset + _LOCAL_HEAD_BYTES + entry.compress_size
        if end > self._size_bytes:
            raise self.damaged("its end is missing")


class _Hostile(Exception):
    """Why the file is refused; for a sentence of the reader's."""


def _check_directory_size(file: BinaryIO, size_bytes: int) -> None:
    """Before the library reads the list of contents whole: how long it says it is."""
    span = min(size_bytes, _END.size + _LONGEST_COMMENT)
    file.seek(size_bytes - span)
    tail = file.read(span)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise zipfile.BadZipFile
    fields = _END.unpack_from(tail, at)
    entries, directory_bytes = fields[4], fields[5]
    place = size_bytes - span + at - _END_64_PLACE.size
    if place >= 0:
        file.seek(place)
        signature, _, end_64, _ = _END_64_PLACE.unpack(file.read(_END_64_PLACE.size))
        if signature == b"PK\x06\x07":
            file.seek(min(end_64, size_bytes))
            wide = _END_64.unpack(file.read(_END_64.size))
            entries, directory_bytes = max(entries, wide[7]), max(wide[8], 0)
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise _Hostile(f"its list of contents has {directory_bytes / 1e6:.0f} MB")
    if entries > MAX_ENTRIES:
        raise _Hostile(f"it has {entries} entries")
    file.seek(0)
