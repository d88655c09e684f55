"""What jobs are given, kept by content: pictures, masks and latents. Any thread."""

from __future__ import annotations

from pathlib import Path

from studio.api.errors import StorageError
from studio.api.inputs import Given
from studio.api.outputs import Latent, Pixels, as_pixels
from studio.api.weights import kind_of
from studio.io.images import decode_image, encode_png
from studio.io.latents import encode_latent, read_latent, read_latent_facts
from studio.library.blobs import BlobStore


class InputBlobs:
    """Inputs and results lie in the same blobs, so a result is an input without being copied.

    Raises:
        StorageError: from every method, when a blob is gone or damaged, or can't be written.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def put_input(self, given: Given) -> str:
        """Keep a picture, mask or latent that a job gets; returns its blob id."""
        if isinstance(given, Latent):
            return self._blobs.put(encode_latent(given))
        return self._blobs.put(encode_png(as_pixels(given)))

    def read_input(self, blob_id: str) -> Given:
        """What `put_input` kept, or a result. Of neither a picture nor a latent: StorageError."""
        if self.is_latent(blob_id):
            return self.read_latent(blob_id)
        return self.read_picture(blob_id)

    def is_latent(self, blob_id: str) -> bool:
        """By content."""
        return kind_of(self._known(blob_id)) == "safetensors"

    def read_picture(self, blob_id: str) -> Pixels:
        """A blob that is a picture."""
        return decode_image(self._blobs.read(blob_id), where=_named(blob_id))

    def read_latent(self, blob_id: str) -> Latent:
        """A blob that is a latent."""
        path = self._known(blob_id)
        self._blobs.check(blob_id)
        return read_latent(path, where=_named(blob_id))

    def latent_facts(self, blob_id: str) -> tuple[str, str]:
        """Layout and model's hash of a blob that is a latent, from its header."""
        return read_latent_facts(self._known(blob_id), where=_named(blob_id))

    def _known(self, blob_id: str) -> Path:
        path = self._blobs.path(blob_id)
        if not path.is_file():
            raise StorageError("An input is not in the history any more.", where=blob_id[:12])
        return path


def _named(blob_id: str) -> str:
    return f"input {blob_id[:12]}"
