"""The context panel: memory, author's note and world notes of the folio, and what of it is told.

GUI thread. What is typed goes into the document at once, one undo step for each box until a pause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.background import MOST_DEPTH, Background, good_notes
from studio.core.edits import ChangeBackground
from studio.core.store import Change, DocumentStore
from studio.ui.editor.positions import plain
from studio.ui.labels import label, push_button
from studio.ui.panels.prompt_meter import PromptMeter
from studio.ui.seen import is_seen

MOST_CHARACTERS = 100_000
_ADVICE = {
    "memory": "Always told first: who, where, what came before.",
    "author_note": "Told near the end of the text: tone, what comes next.",
    "world_notes": "One a line: keys, a colon, the note. Told where a key stands in the recent text.",
}
_EXAMPLES = {
    "memory": "Mara is the keeper of the lighthouse.",
    "author_note": "Calm, short sentences. A storm is coming.",
    "world_notes": "lighthouse, tower: It has 199 steps.",
}
_TITLES = {"memory": "Memory", "author_note": "Author's note", "world_notes": "World notes"}
_LABELS = {
    "memory": "changing the memory",
    "author_note": "changing the author's note",
    "world_notes": "changing the world notes",
}
_LEAST_PX = {"memory": 96, "author_note": 64, "world_notes": 120}


class _Box(QPlainTextEdit):
    """Undo and redo are the document's."""

    undo_asked = Signal()
    redo_asked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(_TITLES[name])
        self.setPlaceholderText(_EXAMPLES[name])
        self.setMinimumHeight(_LEAST_PX[name])

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_asked.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_asked.emit()
        else:
            super().keyPressEvent(event)


class BackgroundPanel(QWidget):
    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._store = store
        self._showing = False
        self._shown = store.document.background
        self.meter = PromptMeter()
        self.boxes = {name: _Box(name) for name in _TITLES}
        self.depth_box = QSpinBox()
        self.depth_box.setRange(0, MOST_DEPTH)
        self.depth_box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.depth_box.setAccessibleName("Lines after the author's note")
        self.depth_box.setToolTip("How many lines of the text stand after the note")
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.show_prompt = push_button("Show the exact prompt", "eye", kind="quiet")
        self._lay_out()
        for name, box in self.boxes.items():
            box.textChanged.connect(lambda name=name: self._on_box_text_changed(name))
            box.undo_asked.connect(store.undo)
            box.redo_asked.connect(store.redo)
        self.depth_box.valueChanged.connect(self._on_depth_value_changed)
        self.setFocusProxy(self.boxes["memory"])
        self.let_go: Callable[[], object] = store.changed.connect(self._on_store_changed)
        self._show(store.document.background)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(6)
        column.addWidget(self.meter)
        row = QHBoxLayout()
        row.addWidget(self.show_prompt)
        row.addStretch(1)
        column.addLayout(row)
        for name, box in self.boxes.items():
            column.addSpacing(8)
            column.addWidget(label(_TITLES[name], "heading"))
            column.addWidget(label(_ADVICE[name], "muted", wrap=True))
            column.addWidget(box, 2 if name == "memory" else 1)
            if name == "author_note":
                depth = QHBoxLayout()
                depth.addWidget(label("Lines of the text after it", "muted"), 1)
                depth.addWidget(self.depth_box)
                column.addLayout(depth)
        column.addWidget(self.problem)
        scroll = QScrollArea()
        scroll.setAccessibleName("Memory and notes")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    @property
    def seen(self) -> bool:
        return is_seen(self)

    def _show(self, background: Background) -> None:
        self._shown, self._showing = background, True
        for name, box in self.boxes.items():
            text = getattr(background, name)
            if box.toPlainText() != text:
                box.setPlainText(text)
        self.depth_box.setValue(background.note_depth)
        self._showing = False
        bad = good_notes(background.world_notes)[1]
        lines = ", ".join(str(number) for number in bad)
        self.problem.setText(f"Not told: line {lines}. It needs a key, a colon and a note.")
        self.problem.setVisible(bool(bad))

    def _on_box_text_changed(self, name: str) -> None:
        if self._showing:
            return
        shown = self.boxes[name].toPlainText()
        text = _sound(plain(shown))[:MOST_CHARACTERS]
        before = self._store.document.background
        if getattr(before, name) != text:
            self._apply(before, _with(before, name, text), _LABELS[name])
        elif shown != text:  # there is no room for more
            self._show(before)

    def _on_depth_value_changed(self, depth: int) -> None:
        before = self._store.document.background
        if not self._showing and before.note_depth != depth:
            self._apply(before, replace(before, note_depth=depth), _LABELS["author_note"])

    def _apply(self, before: Background, after: Background, text: str) -> None:
        self._store.apply(ChangeBackground(before, after, text), typed=True)

    def _on_store_changed(self, change: Change) -> None:
        if change.document.background is not self._shown:  # else it was a key in the text
            self._show(change.document.background)


def _with(background: Background, name: str, text: str) -> Background:
    if name == "memory":
        return replace(background, memory=text)
    if name == "author_note":
        return replace(background, author_note=text)
    return replace(background, world_notes=text)


def _sound(text: str) -> str:
    """Without halves of characters, which no file can hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
