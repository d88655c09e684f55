"""Latents as safetensors files: what they mean and whose they are stands in the metadata. I/O thread.

Written here and not by the library, whose metadata comes in a random order: the same latent must
give the same bytes.
"""

from __future__ import annotations

import json
import stat
import struct
from pathlib import Path

import numpy as np

from studio.api.errors import StorageError
from studio.api.outputs import Latent
from studio.api.weights import SafetensorsHeader, read_safetensors_header

LAYOUT_KEY = "folio.layout"
MODEL_KEY = "folio.model_hash"
MOST_BYTES = 256 << 20
_MOST_HEADER_BYTES = 1 << 20
_FLOATS = ("F32", "F16", "F64")
_ALIGNMENT = 8


def encode_latent(latent: Latent) -> bytes:
    """The latent as a safetensors file, arrays in the order of their names."""
    header: dict[str, object] = {
        "__metadata__": {LAYOUT_KEY: latent.layout, MODEL_KEY: latent.model_hash}
    }
    parts: list[bytes] = []
    start = 0
    for name, array in sorted(latent.arrays.items()):
        data = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [start, start + len(data)],
        }
        parts.append(data)
        start += len(data)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join((struct.pack("<Q", len(text)), text, *parts))


def read_latent(path: Path, *, where: str = "") -> Latent:
    """The latent in a file.

    Args:
        where: What a message calls the file; the path if empty.

    Raises:
        ModelError: the file is no safetensors, damaged, or cut short.
        StorageError: it is no latent, too large, or has numbers that are none.
    """
    import safetensors
    import safetensors.numpy

    place = where or str(path)
    header = _checked_header(path, place)
    try:
        stored = safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError, ValueError) as error:
        raise StorageError(f"The latent can't be read: {error}.", where=place) from None
    try:
        # A float64 too large for float32 becomes infinite, which is refused below.
        with np.errstate(over="ignore"):
            arrays = {name: array.astype(np.float32) for name, array in stored.items()}
        return Latent(arrays, header.metadata[LAYOUT_KEY], header.metadata.get(MODEL_KEY, ""))
    except ValueError as error:
        raise StorageError(
            f"The latent can't be used: {error}.", where=place, remedy="Make it once more."
        ) from None


def read_latent_facts(path: Path, *, where: str = "") -> tuple[str, str]:
    """A latent's layout and its model's hash, from the file's header. Raises as `read_latent` does."""
    metadata = _checked_header(path, where or str(path)).metadata
    return metadata[LAYOUT_KEY], metadata.get(MODEL_KEY, "")


def _checked_header(path: Path, place: str) -> SafetensorsHeader:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise StorageError("This is not a file with a latent.", where=place)
        size = facts.st_size
        with path.open("rb") as file:
            claimed = int.from_bytes(file.read(8), "little")
    except OSError as error:
        raise StorageError(f"The latent can't be read: {error.strerror}.", where=place) from None
    if size > MOST_BYTES:
        raise StorageError(
            f"The file has {size / 1e6:,.0f} MB; a latent has at most {MOST_BYTES >> 20} MB.",
            where=place,
        )
    if _MOST_HEADER_BYTES < claimed <= size:
        raise StorageError(
            f"This file is no latent: it has {claimed:,} bytes of names.", where=place
        )
    header = read_safetensors_header(path)
    if LAYOUT_KEY not in header.metadata:
        raise StorageError(
            "This file is no latent: it doesn't say what its numbers mean.",
            where=place,
            remedy="Take a result of the history, or a latent that was exported from there.",
        )
    wrong = [name for name, fact in header.tensors.items() if fact.dtype not in _FLOATS]
    if wrong:
        raise StorageError(
            f"The latent's array {wrong[0][:60]!r} holds {header.tensors[wrong[0]].dtype} numbers; "
            f"{', '.join(_FLOATS)} can be read.",
            where=place,
        )
    return header
