"""Markdown is shown as what it means, near what is seen, and at each key only where it was pressed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextFormat
from PySide6.QtTest import QTest

from studio.core.markdown_lines import Fence, Stretch, stretches
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor
from studio.ui.theme.tokens import DARK


def looks(editor: TextEditor, number: int) -> list[tuple[str, str]]:
    """A paragraph's stretches that don't look plain: their text, and how they look."""
    block = editor.area.document().findBlockByNumber(number)
    data, found = block.text().encode("utf-16-le"), []
    for part in block.layout().formats():
        form, told = part.format, []
        if form.hasProperty(QTextFormat.Property.FontPixelSize):
            told.append(str(form.intProperty(QTextFormat.Property.FontPixelSize)))
        told += ["bold"] * (form.fontWeight() > 500) + ["italic"] * form.fontItalic()
        told += ["struck"] * form.fontStrikeOut()
        if form.hasProperty(QTextFormat.Property.ForegroundBrush):
            told.append(form.foreground().color().name())
        words = data[2 * part.start : 2 * (part.start + part.length)].decode("utf-16-le")
        found.append((words, " ".join(told)))
    return found


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that were taken apart."""
    lines: list[str] = []

    def counted(line: str, fence: Fence | None) -> list[Stretch]:
        lines.append(line)
        return stretches(line, fence)

    monkeypatch.setattr("studio.ui.editor.live_styling.stretches", counted)
    return lines


def test_headings_and_emphasis_look_so_as_they_are_typed(editor: TextEditor) -> None:
    QTest.keyClicks(editor.area, "# Old *sea* ")
    assert looks(editor, 0) == [
        ("# ", "26 bold #868997"),
        ("Old ", "26 bold"),
        ("*", "26 bold #868997"),
        ("sea", "26 bold italic"),
        ("*", "26 bold #868997"),
        (" ", "26 bold"),
    ]
    QTest.keyClick(editor.area, Qt.Key.Key_Home)
    QTest.keyClick(editor.area, Qt.Key.Key_Delete)
    assert ("sea", "italic") in looks(editor, 0)


def test_places_are_right_after_characters_beyond_16_bits(editor: TextEditor) -> None:
    editor.insert("😀 **b😀** ~~x~~")
    editor.grab()
    assert ("b😀", "bold") in looks(editor, 0)
    assert ("x", "struck #5d606d") in looks(editor, 0)


def test_fence_that_is_opened_makes_code_of_what_follows_until_it_is_closed(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("\n# a\n```\n# b")
    editor.grab()
    assert looks(editor, 1)[0][1].startswith("26 bold")
    editor.area.select(0, 0)
    QTest.keyClicks(editor.area, "```")
    assert looks(editor, 1) == [("# a", "15 #5d606d")]
    assert looks(editor, 3)[0][1].startswith("26 bold")
    store.undo()
    assert looks(editor, 1)[0][1].startswith("26 bold")


def test_key_styles_its_paragraph_alone_and_a_long_text_only_what_is_near(
    editor: TextEditor, count: list[str]
) -> None:
    editor.replace_all("\n".join(f"A *line* {n}" for n in range(20_000)))
    editor.grab()
    assert 0 < len(count) < 300
    assert looks(editor, 10_000) == []
    count.clear()
    QTest.keyClicks(editor.area, "x")
    editor.grab()
    assert len(count) < 300  # the caret was at the end: what is around it is seen now
    count.clear()
    QTest.keyClicks(editor.area, "y*z*")
    editor.grab()
    assert len(count) == 4
    editor.area.verticalScrollBar().setValue(10_000)
    editor.grab()
    assert ("line", "italic") in looks(editor, 10_000)


def test_theme_is_followed_and_styling_can_be_switched_off(editor: TextEditor) -> None:
    editor.insert("# a")
    editor.grab()
    editor.area.styling.look_again(DARK, 20)
    assert looks(editor, 0)[0] == ("# ", "32 bold #777a87")
    editor.area.styling.switch(False)
    assert looks(editor, 0) == []


def test_ghost_keeps_its_look_and_the_document_knows_nothing_of_styles(
    editor: TextEditor, store: DocumentStore
) -> None:
    QTest.keyClicks(editor.area, "*a* ")
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", "**b**")
    editor.grab()
    cursor = editor.area.textCursor()
    cursor.setPosition(7)
    assert cursor.charFormat().fontItalic()
    editor.discard_ghost("job")
    cursor.setPosition(2)
    assert not cursor.charFormat().fontItalic()
    assert store.document.text == "*a* "
