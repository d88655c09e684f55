"""The text editor: a calm column of text over the document, with how long it is. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.edits import ReplaceText
from studio.core.spans import Spans
from studio.core.store import DocumentStore
from studio.ui.editor.find_bar import FindBar
from studio.ui.editor.finding import Finding
from studio.ui.editor.focus import Focus
from studio.ui.editor.length_line import LengthLine
from studio.ui.editor.positions import plain
from studio.ui.editor.span_marks import span_marks
from studio.ui.editor.text_area import TEXT_PX, TextArea
from studio.ui.editor.words import text_length
from studio.ui.labels import label
from studio.ui.theme.icons import tokens_in_use

COLUMN_PX = 680
_MARGIN_PX = 32
_COUNT_AFTER_MS = 300
_ANSWERS = "Tab accepts · Ctrl+→ a word · Ctrl+Shift+→ a sentence"
_PLACEHOLDER = "Write here. Ctrl+Return lets the model go on from the caret."


@dataclass(frozen=True)
class TextLook:
    """How the text is set: `family` "" is the window's own font, `width_px` the widest a line may be."""

    family: str = ""
    size_px: int = TEXT_PX
    width_px: int = COLUMN_PX


class TextEditor(QWidget):
    """What the window sees of the text."""

    caret_moved = Signal()
    selection_changed = Signal()
    ghost_cancel_requested = Signal(str)
    ghost_again_requested = Signal(str)

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self.setObjectName("editor")
        self.area = TextArea(store)
        self.area.setPlaceholderText(_PLACEHOLDER)
        self._look = TextLook()
        self.area.set_text_font(self._look.family, self._look.size_px)
        self.focus = Focus(self.area)
        self.length = LengthLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.finding = Finding(FindBar(), self.area, store)
        column.addWidget(self.finding.bar)
        column.addWidget(self.area, 1)
        self.answers = label("", "muted", wrap=True)
        self.answers.setObjectName("ghostAnswers")
        self.answers.setContentsMargins(16, 4, 16, 0)
        self.answers.hide()
        column.addWidget(self.answers)
        column.addWidget(self.length)
        self.setFocusProxy(self.area)
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(_COUNT_AFTER_MS)
        self._counting.timeout.connect(self._on_counting_timeout)
        self.area.cursorPositionChanged.connect(self.caret_moved)
        self.area.selectionChanged.connect(self.selection_changed)
        self.area.selectionChanged.connect(self._counting.start)
        self.area.ghost.cancel_requested.connect(self.ghost_cancel_requested)
        self.area.ghost.again_requested.connect(self.ghost_again_requested)
        self.area.ghost.changed.connect(self._on_ghost_changed)
        self.area.installEventFilter(self)
        store.changed.connect(lambda change: self._on_store_changed())
        self.marks_spans = True
        self._shown_spans: Spans | None = None
        self._on_store_changed()
        self._on_counting_timeout()

    def show_below(self, card: QWidget) -> None:
        """Put a card between the text and its last lines; it shows and hides itself."""
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        frame = QVBoxLayout()
        frame.setContentsMargins(12, 0, 12, 0)
        frame.addWidget(card)
        column.insertLayout(column.indexOf(self.area) + 1, frame)

    def sizeHint(self) -> QSize:
        return QSize(COLUMN_PX, 600)

    def text_before_caret(self) -> str:
        return self._store.document.text[: self.area.caret()]

    def selection(self) -> str:
        start, end = self.area.selected_range()
        return self._store.document.text[start:end]

    def replace_all(self, text: str) -> None:
        """Another text; one undo step."""
        before = self._store.document.text
        self._store.apply(ReplaceText(0, before, plain(text), label="opening a text"))

    def insert(self, text: str, record_id: str = "", label: str = "placing a text") -> None:
        """At the caret; one undo step."""
        self._store.apply(ReplaceText(self.area.caret(), "", plain(text), record_id, label))

    def begin_ghost(self, key: str, *, replace_selection: bool) -> bool:
        return self.area.ghost.begin(key, replace_selection=replace_selection)

    def append_ghost(self, key: str, text: str) -> None:
        self.area.ghost.append(key, text)

    def commit_ghost(self, key: str, text: str, record_id: str, label: str = "writing") -> None:
        self.area.ghost.commit(key, text, record_id, label)

    def accept_suggestion(self) -> None:
        """Take what waits, if something does."""
        self.area.ghost.accept_all()

    def discard_ghost(self, key: str) -> None:
        self.area.ghost.discard(key)

    def mark_spans(self, shown: bool) -> None:
        """Show or hide the marks under what a model wrote."""
        self.marks_spans = shown
        self._mark_again()

    def tint_again(self) -> None:
        """Draw text and marks in the theme's colours."""
        self.area.styling.look_again(tokens_in_use(), self._look.size_px)
        self.focus.tint_again()
        self._mark_again()

    def dress(self, look: TextLook) -> None:
        """Another font, size or width."""
        if look != self._look:
            self._look = look
            self.area.set_text_font(look.family, look.size_px)
            self._centre()

    def _mark_again(self) -> None:
        self._shown_spans = self._store.document.spans
        spans = self._shown_spans if self.marks_spans else ()
        self.area.show_marks("spans", span_marks(spans, tokens_in_use()))
        self.finding.tint_again()

    def _on_store_changed(self) -> None:
        self._counting.start()
        if self._store.document.spans is not self._shown_spans:
            self._mark_again()

    def _on_ghost_changed(self) -> None:
        """Say by which keys what waits can be answered."""
        suggestion = self.area.ghost.suggestion
        self.answers.setVisible(suggestion is not None)
        if suggestion is not None:
            number, of = suggestion.index + 1, len(suggestion.offers)
            paging = f" · Alt+↓ pages ({number} of {of})" if of > 1 else ""
            self.answers.setText(f"{_ANSWERS}{paging} · Alt+Enter again · Esc rejects")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._centre()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._centre()
        return super().eventFilter(watched, event)

    def _centre(self) -> None:
        """A column no wider than is good to read, in the middle."""
        side = max(_MARGIN_PX, (self.width() - self._look.width_px) // 2)
        self.area.set_margins(side, _MARGIN_PX)

    @Slot()
    def _on_counting_timeout(self) -> None:
        selection = self.selection()
        selected = text_length(selection) if selection else None
        self.length.show_length(text_length(self._store.document.text), selected)
