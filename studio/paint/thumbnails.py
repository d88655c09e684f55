"""A document in small, for lists and previews. Pure; any thread."""

from __future__ import annotations

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.paint.compositor import Compositor
from studio.paint.pyramid import MAX_LEVEL


def thumbnail(document: Document, side_px: int) -> Pixels | None:
    """The canvas with its longest side between a half of `side_px` and all of it; None: it is empty.

    Only canvases smaller than that, or larger than the smallest level gives, differ.
    """
    frame = document.frame
    if frame.empty:
        return None
    level = 0
    while level < MAX_LEVEL and max(frame.width, frame.height) >> level > side_px:
        level += 1
    step = 1 << level
    rect = Rect.of_edges(
        frame.x // step, frame.y // step, -(-frame.right // step), -(-frame.bottom // step)
    )
    shown = rect.intersected(Rect(rect.x, rect.y, 4 * side_px, 4 * side_px))
    return Compositor(document).read(shown, level)
