"""The pictures of a folio's own canvas in its text: `![a fox](layer:Fox)` shows the layer Fox. I/O thread."""

from __future__ import annotations

from dataclasses import replace

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.illustration import SCHEME, layer_of
from studio.io.export.texts import TextSource
from studio.io.images import MAX_PIXELS, encode_png
from studio.paint.composing import compose


def text_of(document: Document, source: TextSource) -> TextSource:
    """What is to be exported of a document: its text, whose words these are, and its layers as pictures."""
    return replace(
        source,
        text=document.text,
        spans=document.spans,
        find=lambda address: _layer_picture(document, address),
    )


def _layer_picture(document: Document, address: str) -> bytes | None:
    """A layer as a PNG, shown or not; None: the address names none.

    Raises:
        StorageError: there is no such layer, nothing is on it, or it is too large.
    """
    if not address.startswith(SCHEME):
        return None
    found = layer_of(address, document.layers)
    if found is None:
        raise StorageError("The canvas has no layer of that name.", where=address)
    layer = replace(found, visible=True, clipped=False)
    if layer.bounds.empty:
        raise StorageError("Its layer is empty.", where=address)
    if layer.bounds.width * layer.bounds.height > MAX_PIXELS:
        raise StorageError("Its layer is too large for a picture in a text.", where=address)
    return encode_png(compose((layer,), layer.bounds))
