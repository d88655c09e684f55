"""What a drop brings, told apart in one place: our own results, files, or a picture itself. GUI thread.

Nothing heavy is imported: the window uses it before it is furnished.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

RESULT_MIME = "application/x-folio-history-item"
"""What a drag from the history carries: the item's id."""
LAYER_MIME = "application/x-folio-layers"
"""What a drag from the layers panel carries: the layers' ids."""
REMOTE = (
    "That drop only names an address, and Folio never goes online. Save the picture to a file first, "
    "then drop the file, or copy the picture and paste it."
)


@dataclass(frozen=True)
class Dropped:
    """One of them is there; none: it is nothing for us."""

    results: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    image: QImage | None = None
    remote: bool = False
    """Only an address on a network."""


def is_welcome(data: QMimeData) -> bool:
    """Whether a drop would do something, or at least say why not. Reads nothing but the formats, for what
    a drag holds may be made only when it is read."""
    if data.hasFormat(RESULT_MIME):
        return True
    if data.hasFormat(LAYER_MIME):
        return False  # it is on the canvas already
    return data.hasImage() or data.hasUrls()


def dropped(data: QMimeData) -> Dropped:
    """A file counts more than the picture beside it: it has a name, and its full size."""
    if data.hasFormat(RESULT_MIME):
        ids = bytes(data.data(RESULT_MIME).data()).decode("ascii", "replace").split()
        return Dropped(results=tuple(ids))
    if data.hasFormat(LAYER_MIME):
        return Dropped()
    urls = data.urls() if data.hasUrls() else []
    files = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    if files:
        return Dropped(files=files)
    image = data.imageData() if data.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return Dropped(image=image)
    return Dropped(remote=any(not url.isLocalFile() for url in urls))
