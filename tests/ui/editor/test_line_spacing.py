"""Lines stand apart; caret, mouse and a long text go by where they lie."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QTextBlock, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.store import DocumentStore
from studio.ui.editor.line_spacing import SpacedLayout
from studio.ui.editor.text_area import LINE_SPACING, TextArea

WORDS = (
    "Old Maren had kept the lamp on Gull Rock for forty years, and nobody had ever knocked. " * 4
)


def _area(qtbot: QtBot, text: str) -> TextArea:
    made = TextArea(DocumentStore(Document(text=text)))
    qtbot.addWidget(made)
    made.resize(500, 600)
    made.show()
    return made


def _top(area: TextArea, position: int) -> int:
    cursor = QTextCursor(area.document())
    cursor.setPosition(position)
    return area.cursorRect(cursor).top()


def _line_tops(area: TextArea) -> list[int]:
    return sorted({_top(area, position) for position in range(len(area.toPlainText()))})


def test_lines_of_all_paragraphs_are_equally_far_apart(qtbot: QtBot) -> None:
    area = _area(qtbot, f"{WORDS}\n\n{WORDS}")
    tops = _line_tops(area)
    assert len(tops) > 8
    wanted = area.fontMetrics().height() * LINE_SPACING
    assert all(abs(b - a - wanted) <= 1.5 for a, b in itertools.pairwise(tops))


def test_lines_keep_their_distance_in_another_font_and_width_and_after_typing(qtbot: QtBot) -> None:
    area = _area(qtbot, WORDS)
    font = QFont(area.font())
    font.setPixelSize(24)
    area.setFont(font)
    area.resize(380, 600)
    area.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(area, " and so on and on and on and on")
    tops = _line_tops(area)
    wanted = area.fontMetrics().height() * LINE_SPACING
    assert len(tops) > 8
    assert all(abs(b - a - wanted) <= 1.5 for a, b in itertools.pairwise(tops))


def test_click_hits_the_line_that_is_under_it(qtbot: QtBot) -> None:
    area = _area(qtbot, WORDS)
    for top in _line_tops(area):
        middle = QPoint(60, top + area.fontMetrics().height() // 2)
        QTest.mouseClick(area.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        assert _top(area, area.textCursor().position()) == top


def test_key_down_goes_line_by_line(qtbot: QtBot) -> None:
    area = _area(qtbot, WORDS)
    tops = _line_tops(area)
    area.moveCursor(QTextCursor.MoveOperation.Start)
    for top in tops[1:]:
        QTest.keyClick(area, Qt.Key.Key_Down)
        assert area.cursorRect().top() == top


def test_typing_in_a_megabyte_lays_out_little_more_than_what_is_seen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = _area(qtbot, "\n".join([WORDS] * 3000))
    assert len(area.toPlainText()) > 1_000_000
    cursor = area.textCursor()
    cursor.setPosition(500_000)
    area.setTextCursor(cursor)
    area.ensureCursorVisible()
    moved: list[int] = []
    move_apart = SpacedLayout._move_apart
    asked: list[QTextBlock] = []
    asks = SpacedLayout.blockBoundingRect

    def counted(self: SpacedLayout, layout: object) -> None:
        moved.append(1)
        move_apart(self, layout)  # type: ignore[arg-type]

    def asking(self: SpacedLayout, block: QTextBlock) -> object:
        asked.append(block)
        return asks(self, block)

    monkeypatch.setattr(SpacedLayout, "_move_apart", counted)
    monkeypatch.setattr(SpacedLayout, "blockBoundingRect", asking)
    QTest.keyClicks(area, "hello brave world")
    area.repaint()
    assert len(moved) <= 17 * 10
    assert len(asked) <= 17 * 200
