"""The Branches panel in the furnished window: what was suggested is there, every way can be gone back to."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from studio.core.branch_walk import branch_tree
from studio.core.branches import Branch, Fork
from studio.core.document import Document
from studio.core.spans import WrittenSpan
from studio.io.paths import Paths, user_paths
from studio.ui.branches.comparison import Comparison
from studio.ui.branches.panel import BranchesPanel
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_writer import SOURCE

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    (made.plugins / "a_toy.py").write_text(SOURCE, encoding="utf-8")
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "a_toy.")


def test_tree_as_deep_as_a_novel_is_shown(qapp: QApplication) -> None:
    count = 600
    ways = [
        Fork(n, count - n, (Branch(2 * n + 1, "r1"), Branch(2 * n + 2, "", "", "x")), 2 * n + 1)
        for n in range(count)
    ]
    panel = BranchesPanel()
    panel.show_tree(branch_tree(Document("x" * count, forks=tuple(ways)), lambda _: None))
    assert len(panel.rows()) == 3 * count
    panel.choose(2 * count)
    assert panel.current == 2 * count
    panel.deleteLater()


async def suggest(bench: Workbench, ending: str, answer: Qt.Key) -> None:
    """Let the model go on, and answer with a key."""
    area = bench.editor.area
    bench.generate.fill("a_toy.line", {"ending": ending})
    area.setFocus()
    bench.window.actions_by_name["continue_writing"].trigger()
    await until(lambda: area.ghost.suggestion and area.ghost.complete)
    QTest.keyClick(area, answer)
    await until(lambda: area.ghost.key is None)


async def two_ways(bench: Workbench) -> None:
    """The first suggestion rejected, the second accepted."""
    QTest.keyClicks(bench.editor.area, "The cat")
    await suggest(bench, " down.", Key.Key_Escape)
    await suggest(bench, " up.", Key.Key_Tab)
    assert bench.store.document.text == "The cat sat up."
    bench.window.actions_by_name["branches"].trigger()
    await until(
        lambda: len(bench.branches.panel.rows()) == 3 and "sat" in bench.branches.panel.rows()[1]
    )


async def active(bench: Workbench) -> None:
    """Shortcuts and the focus are only an active window's."""
    bench.window.activateWindow()
    await until(bench.window.isActiveWindow)


def press(bench: Workbench, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(bench.branches.panel.tree, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_rejected_and_accepted_suggestions_are_branches_and_enter_goes_to_one(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        panel = bench.branches.panel
        assert panel.rows() == ["… The cat", "  sat down.", "  sat up."]
        before = bench.store.document
        panel.tree.setFocus()
        panel.choose(1)
        assert panel.words.toPlainText() == " sat down."
        press(bench, Key.Key_Return)
        assert bench.store.document.text == bench.editor.area.toPlainText() == "The cat sat down."
        (span,) = bench.store.document.spans
        assert (span.start, span.end, span.edited) == (7, 17, False)
        assert span.record_id != before.spans[0].record_id
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document == before
        assert bench.editor.area.toPlainText() == "The cat sat up."

    run(test)


def test_what_was_changed_and_written_on_is_kept_with_its_branch(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await active(bench)
        await two_ways(bench)
        area = bench.editor.area
        QTest.keyClicks(area, " I waited.")
        bench.branches.go_to(1)
        assert bench.store.document.text == "The cat sat down."
        assert bench.branches.panel.rows() == ["… The cat", "  sat down.", "  sat up. I waited."]
        area.setFocus()
        QTest.keyClick(area, Key.Key_PageDown, CTRL | ALT)
        assert bench.store.document.text == "The cat sat up. I waited."
        assert [(s.start, s.end) for s in bench.store.document.spans] == [(7, 15)]
        QTest.keyClick(area, Key.Key_PageUp, CTRL | ALT)
        assert bench.store.document.text == "The cat sat down."

    run(test)


def test_names_are_given_by_f2_and_undone(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        panel = bench.branches.panel
        panel.tree.setFocus()
        panel.choose(1)
        press(bench, Key.Key_F2)
        line = panel.tree.findChild(QLineEdit)
        assert line is not None
        assert line.text() == ""
        QTest.keyClicks(line, "calm")
        QTest.keyClick(line, Key.Key_Return)
        await until(lambda: panel.rows()[1] == "  calm")
        assert bench.store.document.forks[0].branches[0].name == "calm"
        assert bench.store.undo_label == "naming a branch"
        press(bench, Key.Key_F2)
        (line,) = [each for each in panel.tree.findChildren(QLineEdit) if each.isVisible()]
        QTest.keyClick(line, Key.Key_Escape)
        await until(lambda: panel.rows()[1] == "  calm")
        bench.store.undo()
        await until(lambda: panel.rows()[1] == "  sat down.")

    run(test)


def test_copy_keeps_who_wrote_it(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        panel = bench.branches.panel
        panel.choose(1)
        QTest.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
        document = bench.store.document
        assert document.text == "The cat sat up. sat down."
        offered = document.forks[0].branches[0].record_id
        assert document.spans[1] == WrittenSpan(15, 25, offered)
        bench.store.undo()
        assert bench.store.document.text == "The cat sat up."

    run(test)


def test_comparison_marks_the_words_that_differ_and_goes_there(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        panel = bench.branches.panel
        panel.choose(1)
        QTest.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
        dialog = bench.window.findChild(Comparison)
        assert dialog is not None
        assert [side.toPlainText() for side in dialog.sides] == [" sat up.", " sat down."]
        assert dialog.marked() == (["up"], ["down"])
        assert dialog.words.text() == "They differ in one place."
        dialog._go(1)
        assert bench.store.document.text == "The cat sat down."

    run(test)


def test_going_on_from_another_word_is_a_branch_in_the_branch(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        bench.mind.branching.branch(11, 15, " then", bench.store.document.spans[0].record_id)
        await until(lambda: bench.store.document.text == "The cat sat then then up.")
        await until(lambda: len(bench.branches.panel.rows()) == 6)
        assert bench.branches.panel.rows() == [
            "… The cat",
            "  sat down.",
            "  sat then then up.",
            "    … The cat sat",
            "      up.",
            "      then then up.",
        ]

    run(test)


def test_points_with_one_way_are_shown_when_asked_for(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "The cat")
        await suggest(bench, " down.", Key.Key_Tab)
        panel = bench.branches.panel
        bench.window.actions_by_name["branches"].trigger()
        assert panel.rows() == []
        QTest.mouseClick(panel.only_choices, Qt.MouseButton.LeftButton)
        panel.only_choices.setChecked(False)
        assert panel.rows() == ["… The cat", "  sat down."]

    run(test)


def test_branches_come_back_with_the_folio_though_the_history_is_gone(
    run: Run, tmp_path: Path
) -> None:
    async def test(bench: Workbench) -> None:
        await two_ways(bench)
        await bench.filing.save_to(tmp_path / "a.folio")
        for item in bench.studio.history.items():
            bench.studio.history.remove(item.id)
        bench.mind.texts.forget()
        await bench.filing.open_document(tmp_path / "a.folio")
        await until(
            lambda: bench.branches.panel.rows() == ["… The cat", "  sat down.", "  sat up."]
        )
        bench.branches.go_to(1)
        assert bench.store.document.text == "The cat sat down."

    run(test)


def test_rejecting_leaves_a_text_file_saved(run: Run, tmp_path: Path) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "The cat")
        await bench.filing.save_to(tmp_path / "a.md")
        await suggest(bench, " down.", Key.Key_Escape)
        assert not bench.filing.unsaved
        await bench.filing.save_to(tmp_path / "a.folio")
        await suggest(bench, " up.", Key.Key_Escape)
        assert bench.filing.unsaved

    run(test)


def test_where_there_is_one_way_only_the_key_says_so(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await active(bench)
        bench.store.load(Document("The cat"))
        bench.editor.area.setFocus()
        QTest.keyClick(bench.editor.area, Key.Key_PageDown, CTRL | ALT)
        assert "only one way" in bar_text(bench)

    run(test)


def test_focus_is_in_the_tree_when_the_panel_is_asked_for(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await active(bench)
        await two_ways(bench)
        assert QApplication.focusWidget() is bench.branches.panel.tree

    run(test)
