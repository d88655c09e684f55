"""The context panel in the furnished window: typed into the document, told to the model, counted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from studio.core.background import NOTHING, Background
from studio.core.document import Document
from studio.core.prompt_parts import CountedPrompt, PromptPart, counted_prompt
from studio.io.paths import user_paths
from studio.ui.dialogs.prompt import ExactPrompt
from studio.ui.panels.background import MOST_CHARACTERS
from studio.ui.panels.prompt_meter import cut_text
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


def meter(bench: Workbench) -> CountedPrompt:
    return bench.desk.background.meter.prompt or CountedPrompt("", 0, 0, 0, ())


def counts(bench: Workbench) -> bool:
    return bench.desk.counting.runs.busy


def show_context(bench: Workbench) -> None:
    bench.window.show_dock(bench.desk.context_dock)


def test_what_is_typed_into_the_boxes_is_the_document_s_and_undone_with_it(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        show_context(bench)
        boxes = bench.desk.background.boxes
        QTest.keyClicks(boxes["memory"], "Mara")
        QTest.keyClicks(boxes["author_note"], "Calm")
        bench.desk.background.depth_box.setValue(1)
        QTest.keyClicks(boxes["world_notes"], "sea: deep")
        expected = Background("Mara", "Calm", 1, "sea: deep")
        assert bench.store.document.background == expected
        QTest.keyClick(boxes["world_notes"], Qt.Key.Key_Z, CTRL)
        assert bench.store.document.background.world_notes == boxes["world_notes"].toPlainText()
        assert not bench.store.document.background.world_notes
        while bench.store.can_undo:
            bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document.background == NOTHING
        assert boxes["memory"].toPlainText() == ""
        bench.store.load(Document("x", background=expected))
        assert boxes["memory"].toPlainText() == "Mara"

    run(test)


def test_a_full_box_shows_no_letter_that_is_not_kept(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        show_context(bench)
        box = bench.desk.background.boxes["memory"]
        box.setPlainText("x" * MOST_CHARACTERS)
        box.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(box, "y")
        assert bench.store.document.background.memory == "x" * MOST_CHARACTERS
        assert box.toPlainText() == bench.store.document.background.memory

    run(test)


def test_line_without_a_key_is_named(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        show_context(bench)
        QTest.keyClicks(bench.desk.background.boxes["world_notes"], "no colon here")
        assert "line 1" in bench.desk.background.problem.text()
        assert bench.desk.background.problem.isVisible()

    run(test)


def test_memory_goes_into_what_is_written_and_into_its_record(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        form = bench.generate.form
        assert form is not None
        assert "seed" in form.rows
        assert not {"memory", "author_note", "note_depth", "world_notes"} & set(form.rows)
        bench.store.load(Document("Once", background=Background("Mara ", world_notes="bad")))
        area = bench.editor.area
        area.moveCursor(area.textCursor().MoveOperation.End)
        bench.window.actions_by_name["continue_writing"].trigger()
        await until(lambda: area.ghost.suggestion)
        QTest.keyClick(area, Qt.Key.Key_Tab)
        assert bench.store.document.text.startswith("Once and Mara")
        record = bench.studio.history.get(bench.store.document.spans[0].record_id).record
        assert (record.params["memory"], record.params["world_notes"]) == ("Mara", "")

    run(test)


def test_nothing_is_counted_while_the_panel_is_behind_another(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("words")
        bench.desk.counting.count()
        assert not counts(bench)
        show_context(bench)
        bench.desk.counting.count()
        assert counts(bench)
        await until(lambda: meter(bench).budget and not counts(bench))
        bench.desk.counting.count()
        assert not counts(bench)

    run(test)


def test_meter_counts_while_it_is_seen_and_shows_the_exact_prompt(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all(" ".join(str(n) for n in range(12)))
        bench.editor.area.moveCursor(bench.editor.area.textCursor().MoveOperation.End)
        show_context(bench)
        await until(lambda: meter(bench).text.startswith("2 3"))
        assert bench.desk.background.meter.total.text() == "10 of 10 tokens, 100 %"
        assert "beginning of the text, 2 tokens" in bench.desk.background.meter.cut.text()
        QTest.keyClicks(bench.desk.background.boxes["memory"], "Mara")
        await until(lambda: meter(bench).cut_tokens == 3)
        assert bench.history.model.rowCount() == 0
        bench.desk.background.show_prompt.click()
        dialog = bench.window.findChild(ExactPrompt)
        assert dialog is not None
        assert dialog.text.toPlainText() == meter(bench).text == "2 3 4 5 6 7 8 9 10 11"
        dialog.accept()

    run(test)


def test_parts_are_read_as_they_are_told_and_nonsense_is_passed_over() -> None:
    told = '[{"kind": "world note", "name": "sea", "tokens": 3, "cut_tokens": 2}, 7]'
    read = counted_prompt("p", {"prompt_tokens": 5, "budget": 9, "cut_tokens": 2, "parts": told})
    assert read == CountedPrompt("p", 5, 9, 2, (PromptPart("world note", 3, 2, "sea"),))
    assert counted_prompt("p", {"parts": "{"}) == CountedPrompt("p", 0, 0, 0, ())


def test_what_is_cut_is_said_part_by_part() -> None:
    parts = (
        PromptPart("memory", 5, 2),
        PromptPart("world note", 0, 7, "sea"),
        PromptPart("text", 4, 0),
    )
    said = cut_text(CountedPrompt("", 9, 9, 9, parts), unread=1000)
    assert said == (
        "Not read: the end of the memory, 2 tokens. No room for world note: sea, 7 tokens. "
        "Not read: the beginning of the text, 0 tokens and 1,000 characters before them."
    )
    assert cut_text(CountedPrompt("", 9, 9, 0, (PromptPart("text", 9),))) == ""
