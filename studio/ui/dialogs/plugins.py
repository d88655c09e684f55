"""The plugins: which are loaded, which failed and why, and switching them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.host.plugins import PluginStatus
from studio.jobs.events import ErrorText
from studio.ui.dialogs.error_details import ErrorDetails
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class Plugins(Dialog):
    """`switched(name, disabled)`: a change that holds from the next start on."""

    switched = Signal(str, bool)

    def __init__(
        self, parent: QWidget | None, plugins: Iterable[PluginStatus], folder: str
    ) -> None:
        super().__init__(parent, "Plugins", width_px=560)
        self.column.addWidget(label(f"Put your own plugins into {folder}", "muted", wrap=True))
        body = QWidget()
        body.setObjectName("panelBody")
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setSpacing(8)
        self.switches: dict[str, QCheckBox] = {}
        for plugin in plugins:
            rows.addWidget(self._card(plugin))
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setMinimumHeight(280)
        scroll.setWidget(body)
        self.column.addWidget(scroll, 1)
        self.note = label("The change holds when Folio is started again.", "muted")
        self.note.hide()
        self.column.addWidget(self.note)
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)

    def _card(self, plugin: PluginStatus) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        failed = plugin.state == "failed"
        card.setProperty("tone", "error" if failed else "")
        title = f"{plugin.name} {plugin.version}".strip()
        offers = ", ".join(plugin.generators) or "no generators"
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(f"{plugin.source} · {offers}", "muted", wrap=True))
        if plugin.reason and plugin.state != "ready":
            words.addWidget(label(plugin.reason, "problem" if failed else "muted", wrap=True))
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(8)
        row.addLayout(words, 1)
        if plugin.details:
            error = ErrorText(
                plugin.reason or "The plugin failed.", details=plugin.details, plugin=plugin.name
            )
            details = push_button("Details", kind="quiet")
            details.clicked.connect(lambda: ErrorDetails(self, error).open())
            row.addWidget(details)
        switch = QCheckBox()
        switch.setAccessibleName(f"Use {plugin.name}")
        switch.setChecked(plugin.state != "disabled")
        switch.toggled.connect(lambda on, name=plugin.name: self._on_switch_toggled(name, on))
        self.switches[plugin.name] = switch
        row.addWidget(switch, 0, Qt.AlignmentFlag.AlignVCenter)
        return card

    def _on_switch_toggled(self, name: str, on: bool) -> None:
        self.note.show()
        self.switched.emit(name, not on)
