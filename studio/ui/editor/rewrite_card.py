"""The card below the text that asks what shall be done with the selection. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import Value
from studio.core.rewriting import needs_language, task_name, task_values, tasks_of
from studio.core.settings import Instruction
from studio.ui.canvas.flow import FlowLayout
from studio.ui.labels import icon_button, label, push_button, shortened

_PASSAGE_CHARACTERS = 90


class RewriteCard(QFrame):
    """Buttons for what the rewriter can do by itself and for instructions kept under a name, and a line
    for any other."""

    chosen = Signal(dict)
    """Values of the rewriter's fields."""
    kept = Signal(Instruction)
    forgotten = Signal(str)
    """The name of an instruction."""
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Rewrite the selection")
        self._rewriter: RegisteredGenerator | None = None
        self.passage = label("", "muted")
        self._close = icon_button("x", "Close", "Close (Esc)")
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, (0, 0, 0, 0), 6)
        self.buttons: dict[str, QPushButton] = {}
        self.language = QLineEdit("English")
        self.language.setAccessibleName("Language to translate into")
        self.language.setToolTip("Translate into this language")
        self.language.setFixedWidth(110)
        self.language.setParent(self._chips)
        self.language.hide()
        self.instruction = QLineEdit()
        self.instruction.setPlaceholderText("Or say what to do, such as: tell it in the past")
        self.instruction.setAccessibleName("What to do with the passage")
        self.go = push_button("Rewrite", "wand-sparkles")
        self.keep = push_button("Keep…", kind="quiet")
        self.keep.setToolTip("Keep this instruction under a name")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name for the instruction")
        self.name.setFixedWidth(140)
        self._lay_out()
        self.go.clicked.connect(self._on_go_clicked)
        self.instruction.returnPressed.connect(self._on_go_clicked)
        self.language.returnPressed.connect(lambda: self._choose("translate"))
        self.keep.clicked.connect(self._on_keep_clicked)
        self.name.returnPressed.connect(self._on_name_return_pressed)
        self._close.clicked.connect(self.closed)
        self.instruction.textChanged.connect(lambda _: self._enable())
        self._enable()
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Rewrite", "heading"))
        head.addWidget(self.passage, 1)
        head.addWidget(self._close)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.instruction, 1)
        line.addWidget(self.name)
        line.addWidget(self.keep)
        line.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._chips)
        column.addLayout(line)
        self.name.hide()

    def offer(self, rewriter: RegisteredGenerator, kept: Iterable[Instruction]) -> None:
        """Show what this rewriter can do, and the instructions kept."""
        self._rewriter = rewriter
        self.language.setParent(self._chips)
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons.clear()
        for task in tasks_of(rewriter):
            button = self._add(task_name(task), task_values(rewriter, task), task)
            if needs_language(rewriter, task):
                self._join(button, "into", self.language)
        for instruction in kept:
            values = task_values(rewriter, "", instruction=instruction.text)
            button = self._add(instruction.name, values, instruction.name)
            button.setToolTip(shortened(instruction.text, 200))
            self._let_forget(button, instruction.name)
        self._chips.updateGeometry()

    def ask(self, passage: str) -> None:
        """Open it for a passage, ready for keys."""
        self.passage.setText(f"“{shortened(passage, _PASSAGE_CHARACTERS, 1)}”")
        self.name.hide()
        self.show()
        first = next(iter(self.buttons.values()), None)
        (first or self.instruction).setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._press_focused():
            pass
        else:
            super().keyPressEvent(event)

    def _press_focused(self) -> bool:
        focused = self.focusWidget()
        if isinstance(focused, QPushButton) and focused.isEnabled():
            focused.click()
            return True
        return False

    def _add(self, name: str, values: dict[str, Value], key: str) -> QPushButton:
        button = push_button(name)
        button.clicked.connect(lambda: self._choose(key, values))
        self._flow.addWidget(button)
        button.show()
        self.buttons[key] = button
        return button

    def _join(self, button: QPushButton, word: str, field: QLineEdit) -> None:
        """A button, a word and a field that stay side by side."""
        self._flow.takeAt(self._flow.count() - 1)
        group = QWidget(self._chips)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (button, label(word, "muted"), field):
            row.addWidget(part)
            part.show()
        self._flow.addWidget(group)
        group.show()

    def _let_forget(self, button: QPushButton, name: str) -> None:
        forget = QAction(f"Forget “{name}”", button)
        forget.triggered.connect(lambda: self.forgotten.emit(name))
        button.addAction(forget)
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _choose(self, key: str, values: dict[str, Value] | None = None) -> None:
        rewriter = self._rewriter
        if rewriter is None:
            return
        if needs_language(rewriter, key):
            values = task_values(rewriter, key, language=self.language.text().strip())
        self.chosen.emit(values or task_values(rewriter, key))

    def _on_go_clicked(self) -> None:
        wish = self.instruction.text().strip()
        if wish and self._rewriter is not None:
            self.chosen.emit(task_values(self._rewriter, "", instruction=wish))

    def _on_keep_clicked(self) -> None:
        if self.name.isVisible():
            self._on_name_return_pressed()
        else:
            self.name.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_name_return_pressed(self) -> None:
        name, wish = self.name.text().strip(), self.instruction.text().strip()
        if name and wish:
            self.name.clear()
            self.name.hide()
            self.kept.emit(Instruction(name=name[:60], text=wish[:4000]))
            self.instruction.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enable(self) -> None:
        some = bool(self.instruction.text().strip())
        self.go.setEnabled(some)
        self.keep.setEnabled(some)
