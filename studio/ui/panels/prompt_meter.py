"""A bar of what a model will read: how much of its room each part takes, and what is cut. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.core.prompt_parts import CountedPrompt, PromptPart
from studio.ui.labels import label
from studio.ui.theme.icons import tokens_in_use

_BAR_PX = 10
_NAMES = {"memory": "Memory", "author's note": "Author's note", "text": "Text"}


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.prompt: CountedPrompt | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, _BAR_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), tokens_in_use()
        painter.fillRect(self.rect(), QColor(tokens.pressed))
        if self.prompt is None or not self.prompt.budget:
            return
        x, budget = 0.0, max(self.prompt.budget, self.prompt.tokens)
        for part in self.prompt.parts:
            width = self.width() * part.tokens / budget
            painter.fillRect(QRectF(x, 0, width, self.height()), QColor(colour_of(part.kind)))
            x += width


class PromptMeter(QWidget):
    """Shows the newest count; keeps it while a newer one is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.prompt: CountedPrompt | None = None
        self.bar = _Bar()
        self.total = label("", "muted")
        self.cut = label("", "problem", wrap=True)
        self.rows = QGridLayout()
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(2)
        self.rows.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("What the model reads", "heading"))
        column.addWidget(self.bar)
        column.addWidget(self.total)
        column.addLayout(self.rows)
        column.addWidget(self.cut)
        self.show_words("Counted when this panel is open and a language model is there.")

    def show_words(self, text: str) -> None:
        """Instead of a count: why there is none."""
        self.total.setText(text)

    def show_prompt(self, prompt: CountedPrompt, *, unread: int = 0) -> None:
        """Args:
        unread: Characters before the part of the text that was counted.
        """
        self.prompt = self.bar.prompt = prompt
        self.bar.update()
        share = round(100 * prompt.tokens / prompt.budget) if prompt.budget else 0
        self.total.setText(f"{prompt.tokens:,} of {prompt.budget:,} tokens, {share} %")
        self.bar.setAccessibleName(f"The prompt takes {self.total.text()}")
        while (item := self.rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, part in enumerate(prompt.parts):
            self.rows.addWidget(_Swatch(part.kind), row, 0)
            self.rows.addWidget(label(part_name(part), "muted"), row, 1)
            self.rows.addWidget(label(f"{part.tokens:,}", "muted"), row, 2)
        self.cut.setText(cut_text(prompt, unread))
        self.cut.setVisible(bool(self.cut.text()))


class _Swatch(QWidget):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(colour_of(self._kind)))


def colour_of(kind: str) -> str:
    tokens = tokens_in_use()
    return {
        "memory": tokens.accent,
        "author's note": tokens.warning,
        "world note": tokens.success,
    }.get(kind, tokens.faint)


def part_name(part: PromptPart) -> str:
    if part.kind == "world note":
        return f"World note: {part.name}"
    return _NAMES.get(part.kind, part.kind.capitalize())


def cut_text(prompt: CountedPrompt, unread: int = 0) -> str:
    """What isn't told, in one sentence for each part; "" where all is."""
    said = []
    for part in prompt.parts:
        if not part.cut_tokens and not (unread and part.kind == "text"):
            continue
        count = f"{part.cut_tokens:,} tokens"
        if part.kind == "text":
            more = f" and {unread:,} characters before them" if unread else ""
            said.append(f"Not read: the beginning of the text, {count}{more}.")
        elif part.kind == "memory" and part.tokens:
            said.append(f"Not read: the end of the memory, {count}.")
        else:
            said.append(f"No room for {part_name(part).lower()}, {count}.")
    return " ".join(said)
