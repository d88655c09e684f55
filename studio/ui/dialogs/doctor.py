"""What this machine offers: `studio doctor`'s findings, from a process of its own (it imports torch)."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button
from studio.ui.theme.icons import set_icon

_ICONS = {
    "good": ("circle-check", "success"),
    "note": ("info", "muted"),
    "bad": ("triangle-alert", "danger"),
}
ARGUMENTS = ["-m", "studio", "doctor", "--json"]


class Doctor(Dialog):
    """Args:
    process: Not started yet; the dialog takes it over.
    """

    def __init__(self, parent: QWidget | None, process: QProcess) -> None:
        super().__init__(parent, "This machine", width_px=600)
        self._process = process
        process.setParent(self)
        self.findings: list[dict[str, str]] = []
        self.waiting = label("Looking at Python, the devices, memory, models and plugins…", "muted")
        self.column.addWidget(self.waiting)
        body = QWidget()
        body.setObjectName("panelBody")
        self.grid = QGridLayout(body)
        self.grid.setContentsMargins(0, 0, 8, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(12)
        self.grid.setColumnStretch(2, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        scroll.setMinimumHeight(320)
        self.column.addWidget(scroll, 1)
        self.copy = push_button("Copy", "copy")
        self.copy.setEnabled(False)
        close = push_button("Close")
        self.add_buttons(self.copy, close)
        self.copy.clicked.connect(self._on_copy_clicked)
        close.clicked.connect(self.accept)
        self.finished.connect(self._on_finished)
        process.finished.connect(self._on_process_finished)
        process.errorOccurred.connect(self._on_process_error)
        process.start(sys.executable, ARGUMENTS)

    def _on_process_finished(self) -> None:
        for line in bytes(self._process.readAllStandardOutput().data()).decode().splitlines():
            if line.startswith("{"):
                self._add(json.loads(line))
        self.grid.setRowStretch(self.grid.rowCount(), 1)
        self.waiting.setVisible(not self.findings)
        self.copy.setEnabled(bool(self.findings))
        if not self.findings:
            problem = bytes(self._process.readAllStandardError().data()).decode().strip()
            self.waiting.setText(f"The check did not run. {problem[-300:]}")

    def _on_process_error(self) -> None:
        self.waiting.setText(f"The check did not run: {self._process.errorString()}.")

    def _on_finished(self) -> None:
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(500)

    def _on_copy_clicked(self) -> None:
        lines = (f"{f['verdict']:5} {f['part']}: {f['text']} {f['remedy']}" for f in self.findings)
        QGuiApplication.clipboard().setText("\n".join(line.strip() for line in lines))

    def _add(self, finding: dict[str, str]) -> None:
        self.findings.append(finding)
        row = self.grid.rowCount()
        sign = QLabel()
        set_icon(sign, *_ICONS.get(finding["verdict"], ("info", "muted")))
        top = Qt.AlignmentFlag.AlignTop
        self.grid.addWidget(sign, row, 0, top)
        self.grid.addWidget(label(finding["part"], "heading"), row, 1, top)
        text = finding["text"] + (f"\n{finding['remedy']}" if finding["remedy"] else "")
        self.grid.addWidget(label(text, wrap=True), row, 2, top)
