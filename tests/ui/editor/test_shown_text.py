"""Positions in the document's text and in Qt's, with a ghost between."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.editor.shown_text import Hole, ShownText


def with_hole(text: str, start: int, filling: str) -> ShownText:
    document = QTextDocument(text)
    document.documentLayout()  # without one, changes are not told
    shown = ShownText(document)
    shown.text = text
    shown.hole = Hole(start)
    shown.write(start, start, filling)
    shown.hole.text = filling
    return shown


def test_positions_skip_what_fills_the_hole(qtbot: QtBot) -> None:
    shown = with_hole("a😀b", 3, "X😀")
    assert shown.now(0, 7) == "a😀X😀b"
    assert [shown.to_units(n) for n in range(4)] == [0, 1, 3, 7]
    assert [shown.to_characters(n) for n in range(8)] == [0, 1, 1, 2, 2, 2, 2, 3]


def test_what_stood_there_is_the_text_with_the_filling(qtbot: QtBot) -> None:
    shown = with_hole("one two", 3, "GHOST")
    assert shown.before(0, 12) == "oneGHOST two"
    assert shown.before(2, 5) == "eGH"
    assert shown.before(6, 10) == "ST t"
    assert shown.before(9, 12) == "two"


def test_own_writing_is_silent_and_another_s_within_stays_so(qtbot: QtBot) -> None:
    shown = with_hole("one", 3, "")
    heard: list[bool] = []
    shown.document.contentsChange.connect(lambda *_: heard.append(shown.silent))
    with shown.unheard():
        shown.write(0, 1, "t\nw")
        assert shown.silent
    assert heard == [True]
    assert shown.now(0, 5) == "t\nwne"
    assert not shown.silent
