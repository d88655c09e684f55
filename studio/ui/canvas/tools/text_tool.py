"""Texts on the canvas: click to write, click a text to change it; a text until rasterised. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFontComboBox, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.arranging import new_layer_id
from studio.core.edits import ChangeLayer, Edit
from studio.core.layers import TextLayer, TextStyle, walk
from studio.paint.lettering import lettered
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.tools.tool import Choice, Slide, Switch, Tool


@dataclass(frozen=True)
class TextSettings:
    size_px: float = 64.0
    bold: bool = False
    italic: bool = False
    align: str = "left"
    family: str = ""


class TextTool(Tool[TextSettings]):
    id = "text"
    title = "Text"
    icon = "type"
    key = "Y"
    tip = "Click where the text begins, or on a text to change it. Another tool or click ends it."
    paints = True
    cursor = Qt.CursorShape.IBeamCursor
    options = (
        Slide("size_px", "Size", 6, 400, " px"),
        Switch("bold", "Bold"),
        Switch("italic", "Italic"),
        Choice("align", "Lines", (("left", "Left"), ("center", "Centred"), ("right", "Right"))),
    )

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, TextSettings())
        self._layer: TextLayer | None = None
        self._new = False
        self._edit: Edit | None = None
        self._box: QWidget | None = None
        self.words: QPlainTextEdit | None = None
        """Where one types, while there is a text in the making."""
        self.settings_changed.connect(self._draw)
        easel.inks.changed.connect(self._draw)

    @property
    def busy(self) -> bool:
        return self._layer is not None

    def extra_widgets(self) -> tuple[QWidget, ...]:
        family = QFontComboBox()
        family.setAccessibleName("Typeface")
        family.setMaximumWidth(160)
        family.currentFontChanged.connect(lambda font: self.set_option("family", font.family()))
        return (family,)

    def press(self, at: Pointer) -> None:
        if self.busy:
            self.accept()
        found = next(
            (
                layer
                for layer in reversed(tuple(walk(self.easel.document.layers)))
                if isinstance(layer, TextLayer) and layer.visible and not layer.locked
                and layer.bounds.grown(4).contains(at.x, at.y)
            ),
            None,
        )  # fmt: skip
        if found is not None:
            self._layer, self._new = found, False
            self.easel.choose(found.id)
            style = found.style
            for name in ("size_px", "bold", "italic", "align", "family"):
                super().set_option(name, getattr(style, name))
        else:
            self._new = True
            self._layer = TextLayer(new_layer_id(), "Text", x=round(at.x), y=round(at.y))
        self._open(at)

    def accept(self) -> None:
        edit = self._edit
        layer, new = self._layer, self._new
        self._close()
        if edit is not None and self.easel.commit(edit) and new and layer is not None:
            self.easel.choose(layer.id)
        self.easel.try_on(None)

    def cancel(self) -> None:
        self._close()
        super().cancel()

    def _open(self, at: Pointer) -> None:
        """A small field below the place; what is typed is seen on the canvas at once."""
        canvas = self.easel.surface
        assert self._layer is not None
        box = QWidget(canvas)
        box.setObjectName("card")
        box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        words = QPlainTextEdit(self._layer.text)
        words.setAccessibleName("Text on the canvas")
        words.setPlaceholderText("Type the text")
        column = QVBoxLayout(box)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(words)
        box.resize(240, 92)
        if canvas is not None:
            x = min(max(4, round(at.widget.x())), max(4, canvas.width() - 244))
            y = round(at.widget.y()) + 16
            y = y if y + 96 < canvas.height() else max(4, round(at.widget.y()) - 110)
            box.move(x, y)
        words.textChanged.connect(self._draw)
        self._box, self.words = box, words
        box.show()
        words.setFocus()
        words.selectAll()

    def _close(self) -> None:
        box, self._box, self.words = self._box, None, None
        self._layer, self._edit = None, None
        if box is not None:
            box.hide()
            box.deleteLater()
            if self.easel.surface is not None:
                self.easel.surface.setFocus()

    def _draw(self) -> None:
        if self._layer is None or self.words is None:
            return
        text, settings = self.words.toPlainText(), self.settings
        style = TextStyle(
            family=settings.family, size_px=settings.size_px, bold=settings.bold,
            italic=settings.italic, align=settings.align, colour=self.easel.inks.foreground,
        )  # fmt: skip
        after = lettered(self._layer, text, style)
        named = " ".join(text.split())[:32]
        after = replace(after, name=named or "Text")
        self._edit = None
        if text.strip():
            self._edit = (
                self.easel.placing(after, "writing on the canvas") if self._new
                else ChangeLayer(self._layer, after, "changing a text")
            )  # fmt: skip
        self.easel.try_on(self._edit)
