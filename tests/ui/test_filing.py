"""Folios and pictures opened, saved, dropped and pasted in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QFileDialog

from studio.core.document import Document
from studio.core.edits import PlaceLayer
from studio.core.layers import GroupLayer
from studio.io.export.folio_pictures import text_of
from studio.io.export.texts import TextSource, export_text
from studio.io.folio_reader import read_folio
from studio.io.folio_writer import write_folio
from studio.io.paths import Paths, user_paths
from studio.paint.qimages import to_qimage
from studio.ui.dialogs.unsaved import Unsaved
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer, painted, rich_document
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


def _dialog(bench: Workbench) -> QFileDialog | None:
    return next((d for d in bench.window.findChildren(QFileDialog) if d.isVisible()), None)


def _unsaved(bench: Workbench) -> bool:
    return bench.filing.unsaved


def _marked(bench: Workbench) -> bool:
    return bench.window.isWindowModified()


async def _choose(bench: Workbench, action: str, path: Path) -> None:
    bench.window.actions_by_name[action].trigger()
    await until(lambda: _dialog(bench) is not None)
    dialog = _dialog(bench)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.reject()


async def _answer(bench: Workbench, answer: str) -> None:
    def asked() -> Unsaved | None:
        return next((d for d in bench.window.findChildren(Unsaved) if d.isVisible()), None)

    await until(lambda: asked() is not None)
    dialog = asked()
    assert dialog is not None
    getattr(dialog, answer).click()


def test_folio_is_saved_marked_and_opened_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.folio"

    async def test(bench: Workbench) -> None:
        assert not _marked(bench)
        bench.editor.replace_all("Words")
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        assert bench.window.windowTitle() == "Untitled[*] — Folio"
        assert _marked(bench)
        await _choose(bench, "save_as", path)
        await until(lambda: "Saved to" in bar_text(bench))
        assert bench.window.windowTitle() == "a.folio[*] — Folio"
        assert not _marked(bench)
        bench.store.undo()
        assert _unsaved(bench)
        bench.store.redo()
        assert not _unsaved(bench)
        bench.editor.replace_all("More")
        bench.window.actions_by_name["save"].trigger()
        await until(lambda: not _unsaved(bench))
        assert read_folio(path).document.text == "More"
        assert read_folio(bench.filing.backups.versions(path)[0]).document.text == "Words"
        await bench.filing.new()
        assert bench.filing.untouched
        assert not bench.store.can_undo
        bench.open_file(path)
        await until(lambda: bench.store.document.text == "More")
        assert [layer.id for layer in bench.store.document.layers] == ["a"]
        assert bench.studio.settings.recent_files == (str(path),)

    run(test)


def test_edit_during_a_save_is_still_unsaved(run: Run, tmp_path: Path) -> None:
    async def test(bench: Workbench) -> None:
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        bench.editor.replace_all("saved")
        saving = bench.tasks.start(bench.filing.save_to(tmp_path / "a.folio"))
        await until(lambda: bench.filing._saving.locked())
        bench.editor.replace_all("typed meanwhile")
        await saving
        assert _unsaved(bench)
        assert read_folio(tmp_path / "a.folio").document.text == "saved"

    run(test)


def test_new_asks_about_unsaved_work(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        bench.window.actions_by_name["new"].trigger()
        await _answer(bench, "cancel")
        assert bench.store.document.text == "Words"
        bench.window.actions_by_name["new"].trigger()
        await _answer(bench, "discard")
        await until(lambda: bench.filing.untouched)
        assert bench.window.windowTitle() == "Folio"

    run(test)


def test_text_with_a_picture_is_saved_as_a_folio_not_over_the_text(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "song.md"
    path.write_text("La la")

    async def test(bench: Workbench) -> None:
        bench.open_file(path)
        await until(lambda: bench.store.document.text == "La la")
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        await _choose(bench, "save", tmp_path / "song")
        await until((tmp_path / "song.folio").exists)
        await until(lambda: not _unsaved(bench))

    run(test)
    assert path.read_text() == "La la"


def test_damaged_or_newer_folio_is_refused_and_nothing_changes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.folio"
    write_folio(path, rich_document())
    path.write_bytes(path.read_bytes()[:-40])

    async def test(bench: Workbench) -> None:
        bench.open_file(path)
        await until(lambda: "isn't a whole zip file" in bar_text(bench))
        assert bench.filing.untouched

    run(test)


def test_picture_is_opened_alone_and_dropped_as_a_layer(run: Run, tmp_path: Path) -> None:
    Image.fromarray(painted(1)).save(tmp_path / "one.png")

    def count(bench: Workbench) -> int:
        return len(bench.store.document.layers)

    async def test(bench: Workbench) -> None:
        bench.window.files_dropped.emit([tmp_path / "one.png"])
        await until(lambda: count(bench) == 1)
        assert not _unsaved(bench)
        assert bench.window.windowTitle().startswith("one.png")
        bench.window.files_dropped.emit([tmp_path / "one.png"])
        await until(lambda: count(bench) == 2)
        assert _unsaved(bench)
        bench.store.undo()
        assert count(bench) == 1

    run(test)


def test_word_file_becomes_a_text_with_its_pictures_as_layers(run: Run, tmp_path: Path) -> None:
    document = Document("# A fox\n\n![it](layer:Fox) *runs*\n", (paint_layer("Fox", 1),))
    export_text(tmp_path / "a.docx", text_of(document, TextSource("")))
    (tmp_path / "b.docx").write_bytes(b"no zip")

    async def test(bench: Workbench) -> None:
        bench.window.files_dropped.emit([tmp_path / "a.docx"])
        await until(lambda: bench.store.document.text.startswith("# A fox"))
        assert bench.store.document.text == "# A fox\n\n![it](layer:image1) *runs*\n"
        assert [layer.name for layer in bench.store.document.layers] == ["image1"]
        assert not _unsaved(bench)
        await _choose(bench, "save", tmp_path / "a.folio")
        await until(lambda: "Saved to" in bar_text(bench))
        bench.open_file(tmp_path / "b.docx")
        await until(lambda: "no Word file" in bar_text(bench))
        assert bench.store.document.text.startswith("# A fox")

    run(test)


def test_moving_picture_becomes_a_group_of_frames(run: Run, tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((20, 30, 3), shade, np.uint8)) for shade in (0, 90, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=70)

    async def test(bench: Workbench) -> None:
        bench.open_file(tmp_path / "a.gif")
        await until(lambda: bench.store.document.layers)
        (group,) = bench.store.document.layers
        assert isinstance(group, GroupLayer)
        assert [layer.visible for layer in group.layers] == [True, False, False]
        assert group.layers[2].name == "Frame 3, 70 ms"

    run(test)


def test_paste_puts_a_picture_on_the_canvas_or_begins_a_folio(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        clipboard = QApplication.clipboard()
        clipboard.setText("no picture")
        bench.canvas.setFocus()
        bench.window.actions_by_name["paste"].trigger()
        assert "no picture" in bar_text(bench)
        clipboard.setImage(to_qimage(painted(1)))
        for count in (1, 2):
            bench.window.actions_by_name["paste"].trigger()
            assert len(bench.store.document.layers) == count
        bench.window.actions_by_name["paste_as_new"].trigger()
        await _answer(bench, "discard")
        await until(lambda: len(bench.store.document.layers) == 1)
        assert _unsaved(bench)
        clipboard.clear()

    run(test)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".ora"])
def test_picture_is_exported_as_what_its_name_says(run: Run, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"

    async def test(bench: Workbench) -> None:
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        await _choose(bench, "export_picture", path)
        await until(lambda: "Exported to" in bar_text(bench))
        assert _unsaved(bench)

    run(test)
    assert path.exists()


def test_recent_files_are_a_menu(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a & b.folio"
    write_folio(path, rich_document())

    async def test(bench: Workbench) -> None:
        recent = bench.arriving.recent
        recent.fill()
        assert [a.isEnabled() for a in recent.menu.actions()] == [False]
        bench.open_file(path)
        await until(lambda: bench.store.document.layers)
        await bench.filing.new()
        recent.fill()
        (entry,) = recent.menu.actions()
        assert entry.text().startswith("a && b.folio")
        entry.trigger()
        await until(lambda: bench.store.document.layers)

    run(test)
