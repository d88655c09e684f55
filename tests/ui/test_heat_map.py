"""The surprise heat map in the furnished window: what is coloured, what is read, what is told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from studio.core.document import Document
from studio.io.paths import Paths, user_paths
from studio.ui.theme.theme import Theme
from studio.ui.theme.tokens import DARK, LIGHT, Tokens
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_writer import SOURCE


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    (made.plugins / "a_toy.py").write_text(SOURCE, encoding="utf-8")
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "a_toy.")


def select(bench: Workbench, start: int, end: int) -> None:
    cursor = bench.editor.area.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    bench.editor.area.setTextCursor(cursor)


def heat(bench: Workbench) -> list[tuple[str, int]]:
    """Coloured words, and which step of the heat each has, from what would be painted."""
    shown = bench.editor.area.toPlainText()
    steps = [colour.lower() for colour in LIGHT.heat]
    return [
        (shown[start:end], steps.index(mark.ground.name()) + 1)
        for start, end, mark in bench.editor.area.marked_between(0, len(shown) + 1)
        if mark.ground is not None and mark.ground.name() in steps
    ]


def test_a_person_s_paragraph_is_read_coloured_and_its_perplexity_told(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "First one.")
        QTest.keyClick(bench.editor.area, Qt.Key.Key_Return)
        QTest.keyClicks(bench.editor.area, "It is amazingly good incomprehensible")
        before = bench.store.document
        bench.window.activateWindow()
        bench.window.actions_by_name["heat_map"].trigger()
        await until(lambda: heat(bench))
        assert heat(bench) == [
            ("It", 1),
            ("is", 1),
            ("amazingly", 3),
            ("good", 2),
            ("incomprehensible", 4),
        ]
        # Mean surprise: (2 + 2 + 9 + 4 + 16) / 5 = 6.6 bits; 2 ** 6.6 = 97.0.
        assert (
            bench.mind.heat_map.legend.words.text()
            == "Perplexity 97.0 over all that was read · 5 tokens"
        )
        select(bench, 17, 26)
        assert (
            "Perplexity 512.0 in the selection · 1 token" in bench.mind.heat_map.legend.words.text()
        )
        assert bench.store.document is before
        assert bench.studio.history.items() == []
        bench.window.actions_by_name["heat_map"].trigger()
        assert heat(bench) == []
        assert not bench.mind.heat_map.legend.isVisible()

    run(test)


def test_only_the_selection_is_read_and_a_model_s_words_are_coloured_at_once(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        area = bench.editor.area
        QTest.keyClicks(area, "Some words before the cat")
        bench.window.actions_by_name["continue_writing"].trigger()
        await until(lambda: area.ghost.suggestion)
        QTest.keyClick(area, Qt.Key.Key_Tab)
        area.moveCursor(QTextCursor.MoveOperation.Start)
        bench.window.actions_by_name["heat_map"].trigger()
        await until(lambda: heat(bench))
        assert heat(bench) == [("sat", 1)]
        assert bench.studio.queue.jobs[-1].spec.generator_id == "a_toy.line"
        select(bench, 5, 10)
        QTest.mouseClick(bench.mind.heat_map.legend.read, Qt.MouseButton.LeftButton)
        await until(lambda: len(heat(bench)) == 2)
        assert heat(bench) == [("words", 2), ("sat", 1)]

    run(test)


def test_of_equal_paragraphs_the_one_that_was_read_is_coloured_wherever_it_is_by_then(
    run: Run,
) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("amazing\namazing")
        select(bench, 8, 15)
        bench.window.actions_by_name["heat_map"].trigger()
        select(bench, 0, 0)
        QTest.keyClicks(bench.editor.area, "amazing\r")
        await until(lambda: heat(bench))
        assert [place.start for place in bench.mind.facts.places()] == [16]

    run(test)


def test_colours_stay_with_their_words_while_one_types_and_a_changed_word_loses_its(
    run: Run,
) -> None:
    async def test(bench: Workbench) -> None:
        area = bench.editor.area
        QTest.keyClicks(area, "A green meadow")
        bench.window.actions_by_name["heat_map"].trigger()
        await until(lambda: heat(bench))
        assert heat(bench) == [("green", 2), ("meadow", 3)]
        area.moveCursor(QTextCursor.MoveOperation.Start)
        QTest.keyClicks(area, "So: ")
        assert heat(bench) == [("green", 2), ("meadow", 3)]
        select(bench, 8, 8)
        QTest.keyClicks(area, "x")
        assert heat(bench) == [("meadow", 3)]
        bench.store.load(Document("green"))
        assert heat(bench) == []

    run(test)


def test_reading_can_be_stopped_and_says_how_far_it_is(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "Endless words")
        bench.window.actions_by_name["heat_map"].trigger()
        legend = bench.mind.heat_map.legend
        await until(lambda: legend.words.text() == "Reading · 3 of 9")
        QTest.mouseClick(legend.read, Qt.MouseButton.LeftButton)
        await until(lambda: legend.read.text() == "Read")
        assert heat(bench) == []

    run(test)


def test_the_reader_s_form_colours_the_text_and_puts_nothing_in(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "A green meadow")
        select(bench, 2, 7)
        before = bench.store.document
        bench.generate.choose("a_toy.read")
        bench.generate.refresh_text()
        bench.generate.submit()
        await until(lambda: heat(bench))
        assert heat(bench) == [("green", 2)]
        assert bench.store.document is before
        assert bench.window.actions_by_name["heat_map"].isChecked()

    run(test)


def test_person_s_word_that_was_read_shows_its_alternatives(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        area = bench.editor.area
        QTest.keyClicks(area, "The cat slept")
        bench.window.actions_by_name["heat_map"].trigger()
        await until(lambda: heat(bench))
        select(bench, 9, 9)
        assert bench.mind.token_view.show_at_caret()
        QTest.keyClick(bench.mind.token_view.card.choices[0], Qt.Key.Key_Return)
        await until(lambda: "other" in bench.store.document.text)
        assert bench.store.document.text == "The cat other then down."

    run(test)


def test_legend_makes_the_window_no_wider(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        QTest.keyClicks(bench.editor.area, "The cat slept")
        least = bench.editor.minimumSizeHint().width()
        bench.window.actions_by_name["heat_map"].trigger()
        await until(lambda: heat(bench))
        assert bench.editor.minimumSizeHint().width() <= max(least, 300)

    run(test)


def test_empty_paragraph_is_said(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["heat_map"].trigger()
        assert "no words here" in bar_text(bench)

    run(test)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_heat_is_told_apart_by_lightness_and_words_on_it_stay_legible(tokens: Tokens) -> None:
    steps = [luminance(colour) for colour in (tokens.surface, *tokens.heat)]
    contrasts = [contrast(a, b) for a, b in pairwise(steps)]
    assert all(step >= 1.15 for step in contrasts)
    assert steps == sorted(steps, reverse=not tokens.dark)
    assert all(contrast(luminance(tokens.text), step) >= 4.5 for step in steps)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
