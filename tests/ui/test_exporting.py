"""The text exported from the window: the format chosen, the name given, the outcome told."""

from __future__ import annotations

from pathlib import Path

import mammoth
import pytest
from PySide6.QtWidgets import QFileDialog

from studio.core.edits import PlaceLayer, ReplaceText
from studio.io.export.texts import TextSource, export_text
from studio.io.paths import Paths, user_paths
from studio.ui.dialogs.export_text import ExportText
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until


@pytest.fixture
def paths() -> Paths:
    paths = user_paths()
    paths.make()
    return paths


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "none.")


async def _asked(bench: Workbench) -> ExportText:
    def shown() -> ExportText | None:
        return next((d for d in bench.window.findChildren(ExportText) if d.isVisible()), None)

    bench.window.actions_by_name["export_text"].trigger()
    await until(lambda: shown() is not None)
    dialog = shown()
    assert dialog is not None
    return dialog


async def _named(bench: Workbench, path: Path) -> None:
    def shown() -> QFileDialog | None:
        return next((d for d in bench.window.findChildren(QFileDialog) if d.isVisible()), None)

    await until(lambda: shown() is not None)
    dialog = shown()
    assert dialog is not None
    assert dialog.defaultSuffix() == path.suffix[1:]
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def test_text_is_exported_with_a_layer_in_it_and_whose_words_it_has(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.docx"

    async def test(bench: Workbench) -> None:
        bench.store.apply(PlaceLayer(paint_layer("Fox", 1), 0))
        bench.editor.replace_all("# A *fox*\n\n![it](layer:Fox) ![none](gone.png)\n\nMine. ")
        end = len(bench.store.document.text)
        bench.store.apply(ReplaceText(end, "", "Not mine.", label="writing", record_id="record"))
        dialog = await _asked(bench)
        dialog.disclosure.click()
        dialog.export.click()
        await _named(bench, path)
        await until(lambda: "Exported to" in bar_text(bench))
        assert "gone.png is left out" in bar_text(bench)
        assert bench.filing.unsaved

    run(test)
    with path.open("rb") as file:
        read = mammoth.convert_to_html(file).value
    assert "<h1>A <em>fox</em></h1>" in read
    assert 'alt="it"' in read
    assert "[none]" in read
    assert "by a language model and left as it was" in read


def test_format_is_remembered_and_a_text_file_discloses_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "song.md").write_text("La *la*")

    async def test(bench: Workbench) -> None:
        bench.open_file(tmp_path / "song.md")
        await until(lambda: bench.store.document.text == "La *la*")
        dialog = await _asked(bench)
        assert not dialog.disclosure.isEnabled()
        dialog.formats.setCurrentIndex(dialog.formats.findData(".txt"))
        dialog.export.click()
        await _named(bench, tmp_path / "out.txt")
        await until(lambda: "Exported to" in bar_text(bench))
        again = await _asked(bench)
        assert again.formats.currentData() == ".txt"
        again.cancel.click()

    run(test)
    assert (tmp_path / "out.txt").read_text("utf-8") == "La la\n"


def test_words_from_a_word_file_are_nobodys_to_disclose(run: Run, tmp_path: Path) -> None:
    export_text(tmp_path / "a.docx", TextSource("Whose?"))

    async def test(bench: Workbench) -> None:
        bench.open_file(tmp_path / "a.docx")
        await until(lambda: bench.store.document.text == "Whose?\n")
        dialog = await _asked(bench)
        assert not dialog.disclosure.isEnabled()
        dialog.cancel.click()

    run(test)


def test_empty_text_is_said_to_be_empty(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["export_text"].trigger()
        await until(lambda: "nothing to export" in bar_text(bench))
        assert not bench.window.findChildren(ExportText)

    run(test)
