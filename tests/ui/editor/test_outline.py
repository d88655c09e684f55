"""The outline follows the text and the caret, and leads to headings; the line below tells how long it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.outline_panel import OutlinePanel

TEXT = "# Light 😀\n" + "a\n" * 200 + "## 海\nb\n### Deep\n# Shore\nend" + "\n" * 100


@pytest.fixture
def panel(editor: TextEditor, store: DocumentStore, qtbot: QtBot) -> OutlinePanel:
    panel = OutlinePanel(editor, store)
    qtbot.addWidget(panel)
    editor.insert(TEXT)
    editor.area.select(0, 0)
    panel.show()
    return panel


def tree(panel: OutlinePanel) -> str:
    def told(item: QTreeWidgetItem | None) -> str:
        assert item is not None
        below = ", ".join(told(item.child(n)) for n in range(item.childCount()))
        return item.text(0) + (f" ({below})" if below else "")

    top = panel.tree.topLevelItem
    return ", ".join(told(top(n)) for n in range(panel.tree.topLevelItemCount()))


def chosen(panel: OutlinePanel) -> str:
    item = panel.tree.currentItem()
    return item.text(0) if item is not None else ""


def test_headings_are_nested_and_follow_what_is_typed(
    panel: OutlinePanel, editor: TextEditor, store: DocumentStore, qtbot: QtBot
) -> None:
    assert tree(panel) == "Light 😀 (海 (Deep)), Shore"
    editor.area.select(len(TEXT), len(TEXT))
    QTest.keyClicks(editor.area, "\r## New")
    qtbot.waitUntil(lambda: tree(panel) == "Light 😀 (海 (Deep)), Shore (New)")
    assert chosen(panel) == "New"
    store.undo()
    store.undo()
    store.undo()
    qtbot.waitUntil(lambda: tree(panel) == "Light 😀 (海 (Deep)), Shore")


def test_click_and_enter_lead_to_the_heading_even_if_it_was_moved_just_now(
    panel: OutlinePanel, editor: TextEditor
) -> None:
    editor.insert("first\n")
    (deep,) = panel.tree.findItems("Deep", Qt.MatchFlag.MatchRecursive)
    middle: QPoint = panel.tree.visualItemRect(deep).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert editor.text_before_caret().endswith("b\n")
    assert editor.area.firstVisibleBlock().text() == "### Deep"
    QTest.keyClick(panel.tree, Qt.Key.Key_Down)
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert editor.text_before_caret().endswith("### Deep\n")


def test_caret_marks_the_heading_it_is_under(
    panel: OutlinePanel, editor: TextEditor, qtbot: QtBot
) -> None:
    assert chosen(panel) == "Light 😀"
    place = TEXT.index("b\n")
    editor.area.select(place, place)
    qtbot.waitUntil(lambda: chosen(panel) == "海")


def test_text_without_headings_says_how_to_make_one(
    panel: OutlinePanel, editor: TextEditor, qtbot: QtBot
) -> None:
    editor.replace_all("words")
    qtbot.waitUntil(lambda: panel.empty.isVisible() and not panel.tree.isVisible())


def test_line_below_tells_the_length_and_that_of_the_selection(
    editor: TextEditor, qtbot: QtBot
) -> None:
    editor.insert("one two 海洋\nend")
    qtbot.waitUntil(lambda: editor.length.text() == "5 words · under 1 min · 13 characters")
    editor.area.select(4, 10)
    selected = "3 of 5 words · under 1 min · 6 of 13 characters"
    qtbot.waitUntil(lambda: editor.length.text() == selected)
    editor.resize(230, 400)
    assert editor.length.text() == "3 of 5 words · under 1 min"
    assert "6 of 13 characters" in editor.length.toolTip()


def test_card_below_the_text_is_below_it_and_the_find_bar_above(editor: TextEditor) -> None:
    card = QLabel("card")
    editor.show_below(card)
    card.show()
    editor.finding.open()
    editor.grab()
    tops = [w.mapTo(editor, QPoint()).y() for w in (editor.finding.bar, editor.area, card)]
    assert tops == sorted(tops)
