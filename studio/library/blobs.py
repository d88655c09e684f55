"""Content-addressed files: what is put in is found by its sha256. Any thread."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from studio.api.errors import StorageError
from studio.io.atomic import atomic_path, make_folder, write_bytes


class BlobStore:
    """Two levels of folders; a blob is written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """The id: sha256 in hex.

        Raises:
            StorageError: no space, or not writable; nothing half-written stays.
        """
        blob_id = hashlib.sha256(data).hexdigest()
        path = self.path(blob_id)
        if not path.exists():
            make_folder(path.parent)
            write_bytes(path, data, force=True)
        return blob_id

    def put_file(self, path: Path) -> str:
        """As `put`, for a file that may be long: it is copied piece by piece, and stays."""
        blob_id = self._digest(path)
        target = self.path(blob_id)
        if not target.exists():
            make_folder(target.parent)
            with atomic_path(target, force=True) as temporary:
                shutil.copyfile(path, temporary)
        return blob_id

    def path(self, blob_id: str) -> Path:
        return self._folder / blob_id[:2] / blob_id

    def read(self, blob_id: str) -> bytes:
        """Raises StorageError if it is gone or its content isn't what its id says."""
        try:
            data = self.path(blob_id).read_bytes()
        except OSError as error:
            raise StorageError(
                f"A stored result can't be read: {error.strerror}.", where=blob_id[:12]
            ) from None
        if hashlib.sha256(data).hexdigest() != blob_id:
            raise StorageError("A stored result is damaged.", where=blob_id[:12])
        return data

    def check(self, blob_id: str) -> None:
        """Raises StorageError as `read` does, without holding the content in memory."""
        if self._digest(self.path(blob_id)) != blob_id:
            raise StorageError("A stored result is damaged.", where=blob_id[:12])

    @staticmethod
    def _digest(path: Path) -> str:
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise StorageError(
                f"A stored result can't be read: {error.strerror}.", where=path.name[:12]
            ) from None
