"""The layers panel: blend mode and opacity above, the list, and buttons below. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core.document import Document
from studio.core.edits import ReplaceText, parts
from studio.core.layers import BlendMode, GroupLayer, Layer, PaintLayer, TextLayer
from studio.core.store import Change
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.value_bar import ValueBar
from studio.ui.labels import icon_button
from studio.ui.layers.layer_commands import LayerCommands
from studio.ui.layers.layer_row import MODE_NAMES
from studio.ui.layers.layer_tree import LayerTree
from studio.ui.layers.layers_model import LayersModel
from studio.ui.outgoing import Outgoing

_MODE_RULES = (BlendMode.MULTIPLY, BlendMode.SCREEN, BlendMode.OVERLAY, BlendMode.DIFFERENCE)
_MODES = (
    BlendMode.NORMAL,
    BlendMode.MULTIPLY, BlendMode.DARKEN, BlendMode.COLOR_BURN,
    BlendMode.SCREEN, BlendMode.LIGHTEN, BlendMode.COLOR_DODGE, BlendMode.PLUS,
    BlendMode.OVERLAY, BlendMode.SOFT_LIGHT, BlendMode.HARD_LIGHT,
    BlendMode.DIFFERENCE, BlendMode.EXCLUSION,
    BlendMode.HUE, BlendMode.SATURATION, BlendMode.COLOR, BlendMode.LUMINOSITY,
)  # fmt: skip


class LayersPanel(QWidget):
    def __init__(
        self, easel: Easel, commands: LayerCommands, outgoing: Outgoing | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._easel = easel
        self._commands = commands
        self.model = LayersModel(easel.store, outgoing)
        self.tree = LayerTree(self.model)
        self.mode = QComboBox()
        self.mode.setAccessibleName("Blend mode")
        self.mode.setToolTip("Blend mode: how the layer mixes with those below")
        for mode in _MODES:
            if mode in _MODE_RULES or mode is BlendMode.HUE:
                self.mode.insertSeparator(self.mode.count())
            self.mode.addItem(MODE_NAMES[mode], mode.value)
        self.opacity = ValueBar("Opacity", 0, 1, suffix=" %", shown_as=100)
        self._lay_out()
        commands.chosen = lambda: self.tree.chosen_ids or commands._only_current()
        self.mode.activated.connect(self._on_mode_activated)
        self.opacity.changing.connect(self._on_opacity_changing)
        self.opacity.settled.connect(self._on_opacity_settled)
        self.tree.chosen.connect(easel.choose)
        self.tree.part_clicked.connect(self._on_part_clicked)
        self.tree.step_asked.connect(commands.step)
        self.tree.remove_asked.connect(commands.remove)
        self.tree.toggle_asked.connect(commands.toggle_visible)
        self.model.move_asked.connect(commands.move)
        easel.layer_chosen.connect(self._on_layer_chosen)
        easel.mask_chosen.connect(self._on_mask_chosen)
        easel.store.changed.connect(self._on_store_changed)
        self.tree.installEventFilter(self)
        self._stale = True
        self._show(easel.document)

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(12, 8, 12, 4)
        head.setSpacing(6)
        head.addWidget(self.mode)
        head.addWidget(self.opacity)
        commands = self._commands
        self.locks: dict[str, QToolButton] = {}
        switches = QHBoxLayout()
        switches.setSpacing(2)
        for name, icon, text, slot in (
            ("lock", "lock", "Lock the layer", commands.toggle_locked),
            ("alpha", "grid-2x2", "Lock transparency: paint only where something is",
             commands.toggle_alpha_locked),
            ("clip", "corner-left-down", "Clip to the layer below", commands.toggle_clipped),
        ):  # fmt: skip
            button = icon_button(icon, text.split(":")[0], text)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self.locks[name] = button
            switches.addWidget(button)
        switches.addStretch(1)
        head.addLayout(switches)
        self.buttons: dict[str, QToolButton] = {}
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 6)
        foot.setSpacing(0)
        for name, icon, text, slot in (
            ("add", "plus", "New layer (Ctrl+Shift+N)", commands.add),
            ("group", "folder-plus", "Group the chosen layers (Ctrl+G)", commands.group),
            ("mask", "drama", "Add a mask; of the selection, if there is one", commands.add_mask),
            ("duplicate", "copy", "Duplicate (Ctrl+J)", commands.duplicate),
            ("merge", "merge", "Merge down (Ctrl+E)", commands.merge_down),
            ("remove", "trash-2", "Remove (Del)", commands.remove),
        ):
            button = icon_button(icon, text.split(" (")[0].split(";")[0], text)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self.buttons[name] = button
            if name == "remove":
                foot.addStretch(1)
            foot.addWidget(button)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._on_menu_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        inset = QVBoxLayout()
        inset.setContentsMargins(8, 0, 4, 0)
        inset.addWidget(self.tree)
        column.addLayout(inset, 1)
        column.addLayout(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A panel behind a tab draws nothing; it catches up when it is shown."""
        if event.type() == QEvent.Type.Show and self._stale:
            self._show(self._easel.document)
        return False

    def _on_store_changed(self, change: Change) -> None:
        if not all(isinstance(edit, ReplaceText) for edit in parts(change.edit)):
            self._show(change.document)

    def _on_layer_chosen(self, layer_id: str) -> None:
        self.tree.show_current(layer_id)
        self._show_settings()

    def _on_mask_chosen(self, on: bool) -> None:
        self.tree.rows.on_mask = on
        self.tree.viewport().update()

    def _show(self, document: Document) -> None:
        self._stale = False
        current = self._easel.current
        self.tree.show_document(document, current.id if current is not None else "")
        self._show_settings()

    def _show_settings(self) -> None:
        layer = self._easel.current
        there = layer is not None
        for widget in (self.mode, self.opacity, *self.locks.values()):
            widget.setEnabled(there)
        for name in ("group", "mask", "duplicate", "merge", "remove"):
            self.buttons[name].setEnabled(there)
        self.locks["alpha"].setEnabled(isinstance(layer, PaintLayer))
        self.opacity.set_number(layer.opacity if layer is not None else 1.0)
        if layer is None:
            return
        self.mode.setCurrentIndex(self.mode.findData(layer.blend_mode.value))
        self.buttons["mask"].setEnabled(layer.mask is None)
        for name, on in (
            ("lock", layer.locked),
            ("alpha", isinstance(layer, PaintLayer) and layer.alpha_locked),
            ("clip", layer.clipped),
        ):
            self.locks[name].setChecked(on)

    def _on_mode_activated(self, index: int) -> None:
        self._commands.set_blend_mode(BlendMode(self.mode.itemData(index)))

    def _on_opacity_changing(self, opacity: float) -> None:
        self._easel.try_on(self._commands.opacity_edit(opacity))

    def _on_opacity_settled(self, opacity: float) -> None:
        edit = self._commands.opacity_edit(opacity)
        if edit is not None:
            self._easel.commit(edit)
        else:
            self._easel.try_on(None)

    def _on_part_clicked(self, layer_id: str, part: str) -> None:
        if part == "eye":
            self._commands.toggle_visible(layer_id)
        else:
            self._easel.choose(layer_id)
            self._easel.paint_on_mask(part == "mask")

    def _on_menu_requested(self) -> None:
        layer = self._easel.current
        if layer is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, slot in self._offers(layer):
            menu.addAction(text).triggered.connect(lambda _=False, slot=slot: slot())
        menu.popup(self.cursor().pos())

    def _offers(self, layer: Layer) -> list[tuple[str, object]]:
        """What the context menu has for a layer."""
        commands = self._commands
        offers: list[tuple[str, object]] = [
            ("Rename", lambda: self.tree.edit(self.model.index_of(layer.id))),
            ("Duplicate", commands.duplicate),
            ("Group", commands.group),
        ]
        if isinstance(layer, GroupLayer):
            offers += [("Ungroup", commands.ungroup), ("Merge group", commands.merge_down)]
        else:
            offers += [("Merge down", commands.merge_down)]
        if isinstance(layer, TextLayer):
            offers += [("Rasterise the text", commands.rasterise)]
        if layer.mask is None:
            offers += [("Add a mask", commands.add_mask)]
        else:
            offers += [
                ("Switch the mask on or off", commands.toggle_mask),
                ("Remove the mask", commands.remove_mask),
            ]
            if isinstance(layer, PaintLayer):
                offers += [("Apply the mask", commands.apply_mask)]
        return [*offers, ("Flatten the picture", commands.flatten), ("Remove", commands.remove)]
