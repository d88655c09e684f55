"""Content-addressed files: what is put in is found by its sha256. Any thread."""

from __future__ import annotations

import hashlib
from pathlib import Path

from studio.api.errors import StorageError
from studio.io.atomic import storage_error, write_bytes


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
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise storage_error(error, path.parent) from None
            write_bytes(path, data, force=True)
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
        digest = hashlib.sha256()
        try:
            with self.path(blob_id).open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
        except OSError as error:
            raise StorageError(
                f"A stored result can't be read: {error.strerror}.", where=blob_id[:12]
            ) from None
        if digest.hexdigest() != blob_id:
            raise StorageError("A stored result is damaged.", where=blob_id[:12])
