"""Rulers above and left of the canvas: they count its pixels, guides are pulled out of them. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from studio.core.guides import Axis
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.guide_hand import GuideHand
from studio.ui.canvas.ruler_marks import Along, along, marks
from studio.ui.theme.icons import tokens_in_use

_WIDE_PX = 20
_FONT_PX = 9
_NEAR_PX = 3


class Ruler(QWidget):
    """Args:
    across: Along the upper edge; else along the left one.
    """

    def __init__(self, canvas: CanvasView, *, across: bool) -> None:
        super().__init__()
        self._canvas = canvas
        self._across = across
        self._hand = GuideHand(canvas.easel)
        self._mark: float | None = None
        self.setObjectName("ruler")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored
        self.setSizePolicy(free if across else fixed, fixed if across else free)
        self.setCursor(
            Qt.CursorShape.SplitVCursor if across else Qt.CursorShape.SplitHCursor
        )  # as the guide that comes out of it
        where, guide = ("above", "level") if across else ("left of", "upright")
        self.setAccessibleName(f"Ruler {where} the canvas")
        self.setToolTip(f"Drag a {guide} guide out of here")
        canvas.view_changed.connect(self._on_view_changed)
        canvas.picture_changed.connect(self._on_view_changed)
        canvas.pointed.connect(self._on_canvas_pointed)

    @property
    def along(self) -> Along | None:
        return along(self._canvas.view, across=self._across)

    @property
    def mark(self) -> float | None:
        """The canvas pixel whose middle the pointer's mark is at; None: it is elsewhere."""
        return self._mark

    def sizeHint(self) -> QSize:
        return QSize(_WIDE_PX, _WIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter, event.rect())
        finally:
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand.pull_out(self._axis)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hand.busy:
            snap = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._hand.move(*self._place(event.position()), snap=snap)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._hand.busy or event.button() != Qt.MouseButton.LeftButton:
            return
        on_canvas = self._canvas.mapFrom(self.window(), self.mapTo(self.window(), event.position()))
        if QRectF(self._canvas.rect()).contains(on_canvas):
            snap = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._hand.drop(*self._place(event.position()), snap=snap)
        else:
            self._hand.throw_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._hand.busy:
            self._hand.cancel()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._hand.busy
        ):
            event.accept()
            return True
        return super().event(event)

    @property
    def _axis(self) -> Axis:
        """Of the guides that come out of it: parallel to the ruler as it is seen."""
        line = self.along
        if line is None:
            return "y" if self._across else "x"
        return "y" if line.axis == "x" else "x"

    def _place(self, point: QPointF) -> tuple[float, float]:
        on_canvas = self._canvas.mapFrom(self.window(), self.mapTo(self.window(), point))
        return self._canvas.view.to_canvas(on_canvas.x(), on_canvas.y())

    def _paint(self, painter: QPainter, area: QRect) -> None:
        tokens = tokens_in_use()
        painter.fillRect(area, QColor(tokens.base))
        long = self.width() if self._across else self.height()
        line = self.along
        painter.setPen(QColor(tokens.line))
        edge = _WIDE_PX - 1
        painter.drawLine(*((0, edge, long, edge) if self._across else (edge, 0, edge, long)))
        if line is None:
            return
        self._shade_frame(painter, line, QColor(tokens.surface))
        font = painter.font()
        font.setPixelSize(_FONT_PX)
        painter.setFont(font)
        for mark in marks(line, long):
            painter.setPen(QColor(tokens.edge))
            self._line(painter, mark.edge, mark.length)
            if mark.value is not None:
                painter.setPen(QColor(tokens.muted))
                self._number(painter, mark.edge, str(mark.value))
        if self._mark is not None:
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            self._line(painter, line.edge(self._mark + 0.5), 1.0)

    def _shade_frame(self, painter: QPainter, line: Along, colour: QColor) -> None:
        """Where the canvas itself is."""
        frame = self._canvas.compositor.document.frame
        if frame.empty:
            return
        ends = (frame.x, frame.right) if line.axis == "x" else (frame.y, frame.bottom)
        one, two = sorted(line.edge(end) for end in ends)
        wide = _WIDE_PX - 1
        rect = QRectF(one, 0, two - one, wide) if self._across else QRectF(0, one, wide, two - one)
        painter.fillRect(rect, colour)

    def _line(self, painter: QPainter, edge: float, length: float) -> None:
        start, end = _WIDE_PX - 1, _WIDE_PX - 1 - length * (_WIDE_PX - 4)
        if self._across:
            painter.drawLine(QPointF(edge, start), QPointF(edge, end))
        else:
            painter.drawLine(QPointF(start, edge), QPointF(end, edge))

    def _number(self, painter: QPainter, edge: float, words: str) -> None:
        if self._across:
            painter.drawText(QPointF(edge + 3, _FONT_PX + 1), words)
            return
        painter.save()
        painter.translate(_FONT_PX + 1, edge - 3)
        painter.rotate(-90)
        painter.drawText(QPointF(0, 0), words)
        painter.restore()

    def _on_view_changed(self) -> None:
        if self.isVisible():
            self.update()

    def _on_canvas_pointed(self, at: tuple[int, int] | None) -> None:
        line = self.along
        before = self._mark
        self._mark = None
        if at is not None and line is not None:
            self._mark = float(at[0] if line.axis == "x" else at[1])
        if self._mark == before or not self.isVisible():
            return
        for mark in (before, self._mark):
            if mark is not None and line is not None:
                place = round(line.edge(mark + 0.5)) - _NEAR_PX
                wide = 2 * _NEAR_PX + 1
                self.update(
                    *((place, 0, wide, _WIDE_PX) if self._across else (0, place, _WIDE_PX, wide))
                )


class RuledCanvas(QWidget):
    """The canvas with its rulers, which can be hidden."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__()
        self.top = Ruler(canvas, across=True)
        self.left = Ruler(canvas, across=False)
        self._corner = QWidget()
        self._corner.setFixedSize(_WIDE_PX, _WIDE_PX)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._corner, 0, 0)
        grid.addWidget(self.top, 0, 1)
        grid.addWidget(self.left, 1, 0)
        grid.addWidget(canvas, 1, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.show_rulers(False)

    def show_rulers(self, on: bool) -> None:
        for part in (self.top, self.left, self._corner):
            part.setVisible(on)
