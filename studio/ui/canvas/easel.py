"""What the tools work on: the document, the current layer, the colours, and the edit being tried. GUI thread.

A tool never touches pixels that are shown: it tries an edit on, again and again while the hand moves,
and commits the last one. So what is seen while dragging is what the step in the undo stack will do.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.core.arranging import placed_above
from studio.core.document import Document
from studio.core.edits import ChangeCanvas, Edit, EditError
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, PaintLayer, walk
from studio.core.store import Change, DocumentStore
from studio.core.tiles import TileMap
from studio.ui.canvas.inks import Inks

Symmetry: TypeAlias = Literal["none", "left-right", "up-down", "both"]
SHEET = Rect(0, 0, 1024, 1024)
"""What one begins to paint on where there is no canvas yet."""


class Easel(QObject):
    """`tried` tells the canvas to show another picture, `layer_chosen` who is current."""

    tried = Signal()
    layer_chosen = Signal(str)
    mask_chosen = Signal(bool)
    refused = Signal(str)
    """A tool can't do what was asked: a sentence for the person."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self.store = store
        self.inks = Inks()
        self._trying: Edit | None = None
        self._ghost: tuple[Layer, str] | None = None
        self._current = ""
        self.painting_mask = False
        """Whether tools paint on the current layer's mask instead of its pixels."""
        self.scale = 1.0
        """Screen pixels for a canvas pixel, as the canvas is seen now."""
        self.surface: QWidget | None = None
        """The canvas's widget, for tools that need a field to type in."""
        self.symmetry: Symmetry = "none"
        self.snapping = True
        self.guides_locked = False
        """Whether the hand leaves guides where they are."""
        store.changed.connect(self._on_store_changed)

    @property
    def document(self) -> Document:
        """As it is in the store, without what is being tried."""
        return self.store.document

    @property
    def shown(self) -> Document:
        """The document with the edit that is being tried, if it still fits, and the result that waits."""
        document = self.store.document
        for edit in (self._trying, self._ghost_edit()):
            if edit is not None:
                with contextlib.suppress(EditError):
                    document = edit.apply(document)
        return document

    def show_ghost(self, ghost: tuple[Layer, str] | None) -> None:
        """A layer that is no part of the document, above another one's; None: none any more."""
        self._ghost = ghost
        self.tried.emit()

    def _ghost_edit(self) -> Edit | None:
        if self._ghost is None:
            return None
        layer, above_id = self._ghost
        return placed_above(self.store.document, layer, above_id, "")

    @property
    def selection(self) -> TileMap | None:
        return self.store.document.selection

    @property
    def current(self) -> Layer | None:
        """The layer that was chosen, if it is still there."""
        return self.store.document.layer(self._current)

    @property
    def trying(self) -> bool:
        return self._trying is not None

    def choose(self, layer_id: str) -> None:
        """ "" chooses none."""
        if layer_id != self._current:
            self._current = layer_id
            self.paint_on_mask(False)
            self.layer_chosen.emit(layer_id)

    def paintable(self) -> PaintLayer | None:
        """The current layer if it can be painted on; without a choice the topmost that can be.

        None where there is none at all; the person is told why if the choice can't be painted on.
        """
        layer = self.current
        if layer is None:
            found = [a for a in walk(self.document.layers) if type(a) is PaintLayer]
            layer = next((a for a in reversed(found) if a.visible and not a.locked), None)
            if layer is not None:
                self.choose(layer.id)
        if layer is None:
            return None
        if layer.locked:
            self.refused.emit(f"“{layer.name}” is locked. Unlock it in the layers panel first.")
        elif not layer.visible:
            self.refused.emit(f"“{layer.name}” is hidden. Show it in the layers panel first.")
        elif isinstance(layer, GroupLayer):
            self.refused.emit(f"“{layer.name}” is a group. Choose a layer in it to paint on.")
        elif isinstance(layer, PaintLayer):
            return layer
        return None

    def paint_on_mask(self, on: bool) -> None:
        """Whether tools paint on the current layer's mask."""
        on = on and self.current is not None and self.current.mask is not None
        if on != self.painting_mask:
            self.painting_mask = on
            self.mask_chosen.emit(on)

    def placing(self, layer: Layer, label: str) -> Edit:
        """A new layer with what was painted, above the current one; on an empty document with a canvas."""
        document = self.document
        if document.frame.empty:
            return self.with_sheet(layer, label)
        return placed_above(document, layer, self._current, label)

    def with_sheet(self, layer: Layer, label: str) -> Edit:
        """The first layer of an empty document, with a canvas below it; one step."""
        document = self.document
        sized = replace(document, width_px=SHEET.width, height_px=SHEET.height)
        return ChangeCanvas(document, sized.with_layers((*document.layers, layer)), label)

    def try_on(self, edit: Edit | None) -> None:
        """Show the document as this edit would make it; None shows it as it is."""
        if edit is not self._trying:
            self._trying = edit
            self.tried.emit()

    def commit(self, edit: Edit) -> bool:
        """One undo step. False if the document has changed so that it doesn't fit; nothing is done then."""
        self._trying = None
        try:
            self.store.apply(edit, source=self)
        except EditError:
            self.tried.emit()
            return False
        return True

    def _on_store_changed(self, change: Change) -> None:
        if self._current and self.current is None:
            self.choose("")
