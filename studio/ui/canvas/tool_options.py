"""The bar above the canvas: what can be set of the tool in hand. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas.tools.tool import Choice, Slide, Switch, Tool
from studio.ui.canvas.value_bar import ValueBar
from studio.ui.labels import label

_HIGH_PX = 40


class ToolOptions(QFrame):
    """A page of widgets for each tool, made when it is first chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("toolOptions")
        self.setFixedHeight(_HIGH_PX)
        self._pages = QStackedWidget()
        self._made: dict[str, _Page] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def show_tool(self, tool: Tool[object]) -> None:
        page = self._made.get(tool.id)
        if page is None:
            page = self._made[tool.id] = _Page(tool)
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)

    def bar(self, tool_id: str, name: str) -> QWidget:
        """The widget of one option of a tool that was shown before."""
        return self._made[tool_id].widgets[name]


class _Page(QScrollArea):
    def __init__(self, tool: Tool[object]) -> None:
        super().__init__()
        self._tool = tool
        self.widgets: dict[str, QWidget] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("panelBody")
        row = QHBoxLayout(inner)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(6)
        title = label(tool.title, "heading")
        row.addWidget(title)
        row.addSpacing(6)
        for option in tool.options:
            widget = self._widget(option)
            self.widgets[option.name] = widget
            row.addWidget(widget)
        for extra in tool.extra_widgets():
            row.addWidget(extra)
        row.addStretch(1)
        self.setWidget(inner)
        self._show_settings()
        tool.settings_changed.connect(self._show_settings)

    def sizeHint(self) -> QSize:
        return QSize(200, _HIGH_PX)

    def _widget(self, option: Slide | Choice | Switch) -> QWidget:
        name, tool = option.name, self._tool
        if isinstance(option, Slide):
            bar = ValueBar(
                option.label, option.low, option.high, suffix=option.suffix,
                shown_as=option.shown_as, decimals=option.decimals,
                curved=option.high / max(option.low, 1) >= 100,
            )  # fmt: skip
            bar.setMaximumWidth(150)
            whole = option.decimals == 0 and option.shown_as == 1 and option.whole
            bar.changing.connect(
                lambda value: tool.set_option(name, round(value) if whole else value)
            )
            return bar
        if isinstance(option, Choice):
            box = QComboBox()
            box.setAccessibleName(option.label)
            box.setToolTip(option.label)
            for value, text in option.values:
                box.addItem(text, value)
            box.activated.connect(lambda index: tool.set_option(name, box.itemData(index)))
            return box
        switch = QCheckBox(option.label)
        switch.toggled.connect(lambda on: tool.set_option(name, on))
        return switch

    def _show_settings(self) -> None:
        for name, widget in self.widgets.items():
            value = getattr(self._tool.settings, name)
            if isinstance(widget, ValueBar):
                if widget.number != value:
                    widget.set_number(value)
            elif isinstance(widget, QComboBox):
                widget.setCurrentIndex(widget.findData(value))
            elif isinstance(widget, QCheckBox):
                widget.setChecked(bool(value))
