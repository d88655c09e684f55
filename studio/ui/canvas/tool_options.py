"""The bar above the canvas: what can be set of the tool in hand. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QWidget

from studio.ui.canvas.flow import FlowLayout
from studio.ui.canvas.tools.tool import Choice, Option, Slide, Tool
from studio.ui.canvas.value_bar import ValueBar
from studio.ui.labels import label

_BAR_PX = 128
_HIGH_PX = 40


class ToolOptions(QFrame):
    """A page of widgets for each tool, made when it is first chosen; as high as its rows need."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("toolOptions")
        self._made: dict[str, _Page] = {}
        self._shown: _Page | None = None
        self.setFixedHeight(_HIGH_PX)

    def show_tool(self, tool: Tool[Any]) -> None:
        page = self._made.get(tool.id)
        if page is None:
            page = self._made[tool.id] = _Page(tool, self)
        if self._shown is not None:
            self._shown.hide()
        self._shown = page
        page.show()
        self._fit()

    def bar(self, tool_id: str, name: str) -> QWidget:
        """The widget of one option of a tool that was shown before."""
        return self._made[tool_id].widgets[name]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def _fit(self) -> None:
        if self._shown is not None:
            high = max(_HIGH_PX, self._shown.flow.heightForWidth(self.width()))
            self._shown.setGeometry(0, 0, self.width(), high)
            if high != self.height():
                self.setFixedHeight(high)


class _Page(QWidget):
    def __init__(self, tool: Tool[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._tool = tool
        self.widgets: dict[str, QWidget] = {}
        self.setObjectName("panelBody")
        self.flow = FlowLayout(self, (12, 5, 8, 5), 6)
        title = label(tool.title, "heading")
        title.setContentsMargins(0, 0, 6, 0)
        self.flow.addWidget(title)
        for option in tool.options:
            widget = self._widget(option)
            self.widgets[option.name] = widget
            self.flow.addWidget(widget)
        for extra in tool.extra_widgets():
            self.flow.addWidget(extra)
        self._show_settings()
        tool.settings_changed.connect(self._show_settings)

    def _widget(self, option: Option) -> QWidget:
        name, tool = option.name, self._tool
        if isinstance(option, Slide):
            bar = ValueBar(
                option.label, option.low, option.high, suffix=option.suffix,
                shown_as=option.shown_as, decimals=option.decimals,
                curved=option.high / max(option.low, 1) >= 100,
            )  # fmt: skip
            bar.setFixedWidth(_BAR_PX)
            whole = option.whole
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
