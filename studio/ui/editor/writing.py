"""The writing desk's commands: joins the window's actions with the editor. GUI thread."""

from __future__ import annotations

from studio.core.authorship import authorship
from studio.core.store import DocumentStore
from studio.ui.dialogs.authorship import AuthorshipReport
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.outline_panel import OutlinePanel
from studio.ui.main_window import MainWindow


class Writing:
    """Knows window and editor, and owns the outline."""

    def __init__(self, window: MainWindow, store: DocumentStore, editor: TextEditor) -> None:
        self._window = window
        self._store = store
        self._editor = editor
        named = window.actions_by_name
        named["mark_spans"].setChecked(editor.marks_spans)
        named["mark_spans"].toggled.connect(editor.mark_spans)
        named["authorship"].triggered.connect(lambda: self._on_authorship_triggered())
        self.outline = OutlinePanel(editor, store)
        window.outline_dock.setWidget(self.outline)
        finding = editor.finding
        named["find"].triggered.connect(lambda: finding.open())
        named["replace"].triggered.connect(lambda: finding.open(replacing=True))
        named["find_next"].triggered.connect(lambda: finding.go_on())
        named["find_previous"].triggered.connect(lambda: finding.go_back())
        window.theme.changed.connect(editor.tint_again)

    def _on_authorship_triggered(self) -> None:
        document = self._store.document
        AuthorshipReport(self._window, authorship(document.text, document.spans)).open()
