"""What can be done with layers, for the panel's buttons, the menus and the keys alike. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from studio.core.arranging import (
    doubled,
    free_name,
    grouped,
    moved_to,
    new_layer_id,
    placed_above,
    shifted,
    ungrouped,
    without,
)
from studio.core.edits import ChangeLayer, Edit
from studio.core.layers import BlendMode, GroupLayer, Layer, Mask, PaintLayer, TextLayer
from studio.core.tiles import TileMap
from studio.ui.canvas.easel import Easel
from studio.ui.layers.merging import flattened, mask_applied, merged_down, merged_group


class LayerCommands:
    """Each acts on the current layer, or on `chosen()` where several make sense; one undo step each."""

    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self.chosen: Callable[[], list[str]] = self._only_current

    def add(self) -> None:
        """An empty layer above the current one."""
        document = self._easel.document
        layer = PaintLayer(new_layer_id(), free_name(document, "Layer"))
        self._place(layer, "adding a layer")

    def add_group(self) -> None:
        document = self._easel.document
        self._place(GroupLayer(new_layer_id(), free_name(document, "Group")), "adding a group")

    def duplicate(self) -> None:
        layer = self._easel.current
        if layer is not None:
            edit = doubled(self._easel.document, layer)
            self._do(edit)
            self._easel.choose(edit.layer.id)

    def remove(self) -> None:
        """The chosen ones; who is locked stays."""
        document = self._easel.document
        layers = [document.layer(layer_id) for layer_id in self.chosen()]
        ids = [layer.id for layer in layers if layer is not None and not layer.locked]
        if not ids:
            if any(layer is not None for layer in layers):
                self._easel.refused.emit("The layer is locked. Unlock it to remove it.")
            return
        after = self._next_after(ids)
        self._do(without(document, ids))
        self._easel.choose(after)

    def group(self) -> None:
        group_id = new_layer_id()
        if self._do(grouped(self._easel.document, self.chosen(), group_id)):
            self._easel.choose(group_id)

    def ungroup(self) -> None:
        layer = self._easel.current
        if isinstance(layer, GroupLayer):
            self._do(ungrouped(self._easel.document, layer.id))

    def step(self, by: int) -> None:
        layer = self._easel.current
        if layer is not None:
            self._do(shifted(self._easel.document, layer.id, by))

    def raise_it(self) -> None:
        self.step(1)

    def lower_it(self) -> None:
        self.step(-1)

    def move(self, ids: Iterable[str], parent_id: str, index: int) -> None:
        self._do(moved_to(self._easel.document, ids, parent_id, index))

    def merge_down(self) -> None:
        """The current layer into the one below; a group into one layer."""
        layer, document = self._easel.current, self._easel.document
        if layer is None:
            return
        if isinstance(layer, GroupLayer):
            self._do(merged_group(document, layer))
            return
        edit = merged_down(document, layer.id)
        if edit is None:
            self._easel.refused.emit(f"Below “{layer.name}” is no layer to merge it with.")
            return
        siblings = document.siblings(document.parent_id(layer.id)) or ()
        below = siblings[siblings.index(layer) - 1]
        if below.locked or layer.locked:
            self._easel.refused.emit("One of the two layers is locked. Unlock it to merge them.")
            return
        self._do(edit)
        self._easel.choose(below.id)

    def flatten(self) -> None:
        self._do(flattened(self._easel.document))

    def rasterise(self) -> None:
        layer = self._easel.current
        if isinstance(layer, TextLayer):
            self._do(ChangeLayer(layer, layer.rasterised(), "rasterising a text"))

    def toggle_visible(self, layer_id: str = "") -> None:
        layer = self._layer(layer_id)
        if layer is not None:
            label = "hiding a layer" if layer.visible else "showing a layer"
            self._do(ChangeLayer(layer, replace(layer, visible=not layer.visible), label))

    def toggle_locked(self) -> None:
        layer = self._easel.current
        if layer is not None:
            label = "unlocking a layer" if layer.locked else "locking a layer"
            self._do(ChangeLayer(layer, replace(layer, locked=not layer.locked), label))

    def toggle_alpha_locked(self) -> None:
        layer = self._easel.current
        if isinstance(layer, PaintLayer):
            after = replace(layer, alpha_locked=not layer.alpha_locked)
            self._do(ChangeLayer(layer, after, "locking transparency"))

    def toggle_clipped(self) -> None:
        layer = self._easel.current
        if layer is not None:
            after = replace(layer, clipped=not layer.clipped)
            self._do(ChangeLayer(layer, after, "clipping a layer"))

    def add_mask(self) -> None:
        """Of the selection, if there is one; else a mask that shows everything."""
        layer, selection = self._easel.current, self._easel.selection
        if layer is None or layer.mask is not None:
            return
        pixels = selection if selection is not None else TileMap(channels=1, fill=255)
        after = replace(layer, mask=Mask(pixels))
        if self._do(ChangeLayer(layer, after, "adding a mask")):
            self._easel.paint_on_mask(True)

    def remove_mask(self) -> None:
        layer = self._easel.current
        if layer is not None and layer.mask is not None:
            self._easel.paint_on_mask(False)
            self._do(ChangeLayer(layer, replace(layer, mask=None), "removing a mask"))

    def toggle_mask(self) -> None:
        """Whether the mask counts."""
        layer = self._easel.current
        if layer is not None and layer.mask is not None:
            mask = replace(layer.mask, enabled=not layer.mask.enabled)
            self._do(ChangeLayer(layer, replace(layer, mask=mask), "switching a mask"))

    def apply_mask(self) -> None:
        layer = self._easel.current
        if isinstance(layer, PaintLayer) and layer.mask is not None:
            self._easel.paint_on_mask(False)
            self._do(mask_applied(self._easel.document, layer))

    def opacity_edit(self, opacity: float) -> Edit | None:
        layer = self._easel.current
        if layer is None or layer.opacity == opacity:
            return None
        return ChangeLayer(layer, replace(layer, opacity=opacity), "changing the opacity")

    def set_blend_mode(self, mode: BlendMode) -> None:
        layer = self._easel.current
        if layer is not None and layer.blend_mode is not mode:
            after = replace(layer, blend_mode=mode)
            self._do(ChangeLayer(layer, after, "changing the blend mode"))

    def _place(self, layer: Layer, label: str) -> None:
        document = self._easel.document
        current = self._easel.current
        if document.frame.empty and not document.layers:
            edit = self._easel.with_sheet(layer, label)
        else:
            edit = placed_above(document, layer, current.id if current else "", label)
        self._do(edit)
        self._easel.choose(layer.id)

    def _layer(self, layer_id: str) -> Layer | None:
        return self._easel.document.layer(layer_id) if layer_id else self._easel.current

    def _only_current(self) -> list[str]:
        current = self._easel.current
        return [current.id] if current is not None else []

    def _next_after(self, ids: list[str]) -> str:
        """Who is current when these are gone: the one below, else the one above."""
        document = self._easel.document
        siblings = document.siblings(document.parent_id(ids[0])) or ()
        index = next((n for n, layer in enumerate(siblings) if layer.id == ids[0]), 0)
        for other in (*reversed(siblings[:index]), *siblings[index:]):
            if other.id not in ids:
                return other.id
        return ""

    def _do(self, edit: Edit | None) -> bool:
        return edit is not None and self._easel.commit(edit)
