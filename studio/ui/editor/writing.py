"""The writing desk's commands: joins the window's actions and the settings with the editor. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.core.authorship import authorship
from studio.core.settings import Settings
from studio.core.store import DocumentStore
from studio.ui.dialogs.authorship import AuthorshipReport
from studio.ui.editor.editor import TextEditor, TextLook
from studio.ui.editor.outline_panel import OutlinePanel
from studio.ui.main_window import MainWindow


class Writing(QObject):
    """Knows window and editor, and owns the outline."""

    setting_changed = Signal(str, object)
    """A setting's name and its new value, chosen in a menu."""

    def __init__(self, window: MainWindow, store: DocumentStore, editor: TextEditor) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._editor = editor
        self.outline = OutlinePanel(editor, store)
        window.outline_dock.setWidget(self.outline)
        window.outline_dock.visibilityChanged.connect(lambda _: self.outline.wait())
        named, finding = window.actions_by_name, editor.finding
        named["mark_spans"].setChecked(editor.marks_spans)
        named["mark_spans"].toggled.connect(editor.mark_spans)
        named["authorship"].triggered.connect(lambda: self._on_authorship_triggered())
        named["find"].triggered.connect(lambda: finding.open())
        named["replace"].triggered.connect(lambda: finding.open(replacing=True))
        named["find_next"].triggered.connect(lambda: finding.go_on())
        named["find_previous"].triggered.connect(lambda: finding.go_back())
        for choice in ("off", "paragraph", "sentence"):
            named[f"focus_{choice}"].triggered.connect(
                lambda _=False, choice=choice: self.setting_changed.emit("focus", choice)
            )
        named["typewriter"].triggered.connect(
            lambda on: self.setting_changed.emit("typewriter", on)
        )
        named["text_alone"].triggered.connect(lambda: editor.setFocus())
        window.theme.changed.connect(editor.tint_again)

    def follow(self, settings: Settings) -> None:
        """Set and help the text as the person chose."""
        editor, named = self._editor, self._window.actions_by_name
        editor.dress(TextLook(settings.text_font, settings.text_size_px, settings.text_width_px))
        editor.focus.choose(settings.focus)
        editor.focus.keep_in_the_middle(settings.typewriter)
        editor.area.aids.quotes = settings.quotes
        named[f"focus_{settings.focus}"].setChecked(True)
        named["typewriter"].setChecked(settings.typewriter)

    def _on_authorship_triggered(self) -> None:
        document = self._store.document
        AuthorshipReport(self._window, authorship(document.text, document.spans)).open()
