"""What the history panel asks for: place, rate, export, copy, delete. GUI thread, work on the I/O one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from studio.io.executor import IoExecutor
from studio.library.history import History, HistoryItem, suffix_of
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.panels.history import HistoryPanel
from studio.ui.tasks import Tasks


class Results(QObject):
    """Args:
    place: Puts a result into the document.
    """

    rated = Signal(HistoryItem)
    deleted = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        panel: HistoryPanel,
        history: History,
        io: IoExecutor,
        tasks: Tasks,
        place: Callable[[HistoryItem], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._panel = panel
        self._history = history
        self._io = io
        self._tasks = tasks
        self._place = place
        panel.place_requested.connect(self._on_place_requested)
        panel.rate_requested.connect(self._on_rate_requested)
        panel.delete_requested.connect(self._on_delete_requested)
        panel.export_requested.connect(self._on_export_requested)
        panel.record_requested.connect(self._on_record_requested)

    def _on_place_requested(self, item: HistoryItem) -> None:
        self._place(item)

    def _on_rate_requested(self, item: HistoryItem, stars: int) -> None:
        self._tasks.start(self._rate(item, stars))

    async def _rate(self, item: HistoryItem, stars: int) -> None:
        await self._io.run(self._history.rate, item.id, stars)
        self.show_changed(await self._io.run(self._history.get, item.id))

    def show_changed(self, item: HistoryItem) -> None:
        """An item has another rating now, wherever it was given."""
        self._panel.model.replace(item)
        self.rated.emit(item)

    def _on_delete_requested(self, item: HistoryItem) -> None:
        """Asked in the bar, not in a dialog: nothing stops meanwhile."""
        self._window.message_bar.show_message(
            Message(
                f"Delete “{item.title[:60]}” from the history? It can't be brought back.",
                "warning",
                (("Delete", lambda: self._tasks.start(self._delete(item))), ("Keep", _nothing)),
                "delete",
            )
        )

    async def _delete(self, item: HistoryItem) -> None:
        await self._io.run(self._history.remove, item.id)
        self._panel.model.drop(item.id)
        self.deleted.emit(item.id)

    def _on_export_requested(self, item: HistoryItem) -> None:
        self.export(item)

    def export(self, item: HistoryItem) -> None:
        """Ask where to, and write the result there."""
        dialog = QFileDialog(self._window, "Export")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix_of(item))
        dialog.selectFile(f"{item.title.replace('/', '-')[:60]}{suffix_of(item)}")
        dialog.fileSelected.connect(lambda path: self._tasks.start(self._export(item, Path(path))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _export(self, item: HistoryItem, path: Path) -> None:
        # The file dialog asked before it let an existing file be chosen.
        written = await self._io.run(self._history.export, item, path, force=True)
        self._window.message_bar.show_message(
            Message(f"Exported to {written}.", "info", (), "done")
        )

    def _on_record_requested(self, item: HistoryItem) -> None:
        QGuiApplication.clipboard().setText(item.record.model_dump_json(indent=2))
        self._window.message_bar.show_message(
            Message("The record is on the clipboard.", "info", (), "done")
        )


def _nothing() -> None:
    """The button only closes its message."""
