"""The canvas with all that belongs to it: tools, their options, panels beside it, menus. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.ui.actions import Entry
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.clipboard import CanvasClipboard
from studio.ui.canvas.colour_panel import ColourPanel
from studio.ui.canvas.navigator import Navigator
from studio.ui.canvas.rulers import RuledCanvas
from studio.ui.canvas.selection_commands import SelectionCommands
from studio.ui.canvas.tool_box import ToolBox
from studio.ui.canvas.tool_options import ToolOptions
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.fills import BucketTool, GradientTool, PickerTool
from studio.ui.canvas.tools.outlining import LassoTool, PolygonTool
from studio.ui.canvas.tools.selecting import EllipseSelectTool, RectangleSelectTool, WandTool
from studio.ui.canvas.tools.shapes import ShapeTool
from studio.ui.canvas.tools.strokes import BrushTool, EraserTool, StampTool
from studio.ui.canvas.tools.text_tool import TextTool
from studio.ui.canvas.tools.tool import Tool
from studio.ui.canvas.tools.transform import TransformTool
from studio.ui.canvas.undo_panel import UndoPanel
from studio.ui.layers.layer_commands import LayerCommands
from studio.ui.layers.layers_panel import LayersPanel
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.outgoing import Outgoing

_REFUSED = "canvas refused"


class Drawing:
    """`area` goes into the window; `furnishing` fills the docks in steps."""

    def __init__(self, window: MainWindow, canvas: CanvasView, outgoing: Outgoing) -> None:
        self._window = window
        self._outgoing = outgoing
        self.canvas = canvas
        self.easel = canvas.easel
        self.commands = LayerCommands(self.easel)
        self.selecting = SelectionCommands(self.easel)
        self.clipboard = CanvasClipboard(self.easel, self.selecting)
        self.tools: dict[str, Tool[object]] = {tool.id: tool for tool in self._made_tools()}
        self.tool_box = ToolBox(list(self.tools.values()), self.easel.inks, _RULES)
        self.options = ToolOptions()
        self.area = QWidget()
        self.area.setObjectName("panel")
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.options)
        self.ruled = RuledCanvas(canvas)
        right.addWidget(self.ruled, 1)
        row = QHBoxLayout(self.area)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.tool_box)
        row.addLayout(right, 1)
        self.tool_box.chosen.connect(self.choose_tool)
        self.easel.refused.connect(self._on_easel_refused)
        self.choose_tool("move")

    def furnishing(self) -> Iterator[None]:
        """The panels and menus, in steps so that the window can answer between them."""
        self.layers = LayersPanel(self.easel, self.commands, self._outgoing)
        yield
        self._window.layers_dock.setWidget(self.layers)
        yield
        self.colours = ColourPanel(self.easel.inks)
        self._window.colour_dock.setWidget(self.colours)
        yield
        self.navigator = Navigator(self.canvas)
        self._window.navigator_dock.setWidget(self.navigator)
        self.undo_steps = UndoPanel(self.easel.store)
        self._window.undo_dock.setWidget(self.undo_steps)
        yield
        self._wire()
        yield

    def choose_tool(self, tool_id: str) -> None:
        tool = self.tools[tool_id]
        self.canvas.set_tool(tool)
        self.tool_box.show_chosen(tool_id)
        self.options.show_tool(tool)

    def has_focus(self) -> bool:
        """Whether keys go to the canvas or what belongs to it, and not to a field one types in."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QLineEdit | QAbstractSpinBox | QPlainTextEdit):
            return False
        return focused is None or any(
            part is focused or part.isAncestorOf(focused) for part in (self.area, self.layers)
        )

    def undo(self) -> None:
        """What is under way goes first; then the last step."""
        if self.canvas.tool.busy:
            self.canvas.tool.cancel()
        else:
            self.easel.store.undo()

    def _made_tools(self) -> list[Tool[object]]:
        easel = self.easel
        made: list[Tool[Any]] = [
            self.canvas.tool,
            TransformTool(easel),
            CropTool(easel),
            RectangleSelectTool(easel),
            EllipseSelectTool(easel),
            LassoTool(easel),
            PolygonTool(easel),
            WandTool(easel),
            BrushTool(easel),
            EraserTool(easel),
            StampTool(easel),
            BucketTool(easel),
            GradientTool(easel),
            ShapeTool(easel),
            TextTool(easel),
            PickerTool(easel),
        ]
        return made

    def _wire(self) -> None:
        actions, commands, canvas = self._window.actions_by_name, self.commands, self.canvas
        for tool in self.tools.values():
            entry = Entry(f"tool_{tool.id}", tool.title, tool.key, tool.icon, on_canvas=True)
            action = actions.add("&Paint", entry, self._window)
            action.triggered.connect(lambda _=False, name=tool.id: self._take_tool(name))
        actions.hear_on(self.area)
        for name, slot in (
            ("turn_left", canvas.turn_left),
            ("turn_right", canvas.turn_right),
            ("mirror_view", canvas.mirror),
            ("straighten_view", canvas.straighten),
            ("guide_upright", lambda: canvas.add_guide("x")),
            ("guide_level", lambda: canvas.add_guide("y")),
            ("remove_guides", canvas.remove_guides),
            ("swap_colours", self.easel.inks.swap),
            ("reset_colours", self.easel.inks.reset),
            ("layer_add", commands.add),
            ("layer_duplicate", commands.duplicate),
            ("layer_remove", commands.remove),
            ("layer_group", commands.group),
            ("layer_ungroup", commands.ungroup),
            ("layer_raise", commands.raise_it),
            ("layer_lower", commands.lower_it),
            ("layer_merge", commands.merge_down),
            ("layer_flatten", commands.flatten),
            ("layer_mask", commands.add_mask),
            ("layer_clip", commands.toggle_clipped),
            ("layer_rasterise", commands.rasterise),
            ("select_everything", self.selecting.everything),
            ("select_nothing", self.selecting.nothing),
            ("select_again", self.selecting.again),
            ("select_invert", self.selecting.invert),
            ("select_layer", self.selecting.of_layer),
            ("select_crop", self.selecting.crop),
            ("fill_selection", self.selecting.fill),
        ):
            actions[name].triggered.connect(lambda _=False, slot=slot: slot())
        for name in ("none", "left-right", "up-down", "both"):
            action = actions[f"symmetry_{name}"]
            action.setChecked(name == "none")
            action.triggered.connect(
                lambda _=False, name=name: setattr(self.easel, "symmetry", name)
            )
        actions["lock_guides"].toggled.connect(lambda on: setattr(self.easel, "guides_locked", on))
        snap = actions["snapping"]
        snap.setChecked(True)
        snap.toggled.connect(lambda on: setattr(self.easel, "snapping", on))
        self.tool_box.colour_asked.connect(lambda: self._window.show_dock(self._window.colour_dock))

    def _take_tool(self, tool_id: str) -> None:
        self.choose_tool(tool_id)
        self.canvas.setFocus()

    def _on_easel_refused(self, why: str) -> None:
        self._window.message_bar.show_message(Message(why, "warning", (), _REFUSED))


_RULES = ("crop", "wand", "stamp", "text")
