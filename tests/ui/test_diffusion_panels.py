"""The panels of the diffusion plugin, driven as a person would, with a tiny real pipeline behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton

from studio.api import Placement
from studio.app import build_studio
from studio.io.images import encode_png
from studio.io.paths import Paths, user_paths
from studio.ui.forms.giving import FromFile
from studio.ui.forms.model import ModelEditor
from studio.ui.forms.picture import PictureEditor
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.tiny_diffusion import tiny_pipeline


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A window with two models: "model", and "model-2" of few steps."""
    import diffusers

    monkeypatch.setattr("studio.app.starter_models", list)
    paths: Paths = user_paths()
    paths.make()
    studio = build_studio(engine="in_process", paths=paths)
    few = diffusers.LCMScheduler(prediction_type="epsilon")
    studio.models.add(tiny_pipeline(tmp_path / "plain"))
    studio.models.add(tiny_pipeline(tmp_path / "few", scheduler=few))
    studio.io.stop()
    studio.history.close()
    return runner(qt_runner, paths, theme, "images.")


def _picture() -> np.ndarray:
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 4), dtype=np.uint8)
    picture[..., 3] = 255
    return picture


def _field(bench: Workbench, name: str) -> PictureEditor:
    assert bench.generate.form is not None
    editor = bench.generate.form.rows[name].editor
    assert isinstance(editor, PictureEditor)
    return editor


def _press(button: QToolButton) -> None:
    button.click()


async def _result(bench: Workbench, number: int = 1) -> tuple[np.ndarray, Placement | None]:
    """The newest result once there are so many, and where it says it belongs."""
    bench.generate.button.click()
    await until(lambda: bench.history.model.rowCount() == number or bar_text(bench))
    assert not bar_text(bench)
    item = bench.studio.history.items(limit=1)[0]
    return bench.studio.history.pixels(item), item.record.placement


def test_layer_and_mask_file_go_in_and_the_rest_of_the_picture_stays(
    run: Run, tmp_path: Path
) -> None:
    mask = np.zeros((48, 64, 4), np.uint8)
    mask[..., 3] = 255
    mask[10:30, 20:50] = 255
    (tmp_path / "mask.png").write_bytes(encode_png(mask))

    async def test(bench: Workbench) -> None:
        await bench.placing.place_pixels(_picture(), "a picture")
        assert bench.generate.choose("images.inpaint")
        image, chosen = _field(bench, "image"), _field(bench, "mask")
        _press(image.add_layer)
        await until(lambda: image.pixels is not None)
        chosen.asked.emit(FromFile(tmp_path / "mask.png"))
        await until(lambda: chosen.pixels is not None)
        assert bench.generate.form is not None
        bench.generate.form.set_values({"prompt": "a red fox", "model": "model", "steps": 2})
        made, placement = await _result(bench)
        assert placement == Placement("image", 0, 0, 64, 48)
        kept = mask[..., 0] == 0
        np.testing.assert_array_equal(made[kept], _picture()[kept])
        assert not np.array_equal(made, _picture())
        await until(lambda: bench.canvas.ghosts.shown is not None)
        assert len(bench.store.document.layers) == 1
        bench.canvas.ghosts.accept()
        assert bench.store.undo_label == "placing a result"
        bench.window.actions_by_name["undo"].trigger()
        assert len(bench.store.document.layers) == 1

    run(test)


def test_extending_needs_a_side_and_says_so_at_its_field(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await bench.placing.place_pixels(_picture(), "a picture")
        assert bench.generate.choose("images.outpaint")
        form = bench.generate.form
        assert form is not None
        _press(_field(bench, "image").add_layer)
        await until(lambda: _field(bench, "image").pixels is not None)
        bench.generate.button.click()
        assert "left, top, right or bottom" in form.rows["bottom"].problem.text()
        form.set_values({"right": 16, "model": "model", "steps": 2})
        made, placement = await _result(bench)
        assert placement == Placement("image", 0, 0, 80, 48)
        np.testing.assert_array_equal(made[:, :64], _picture())

    run(test)


def test_mask_of_another_size_is_told_and_the_window_goes_on(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        assert bench.generate.choose("images.inpaint")
        _field(bench, "image").set_pixels(_picture())
        _field(bench, "mask").set_pixels(_picture()[:20])
        bench.generate.button.click()
        await until(lambda: bar_text(bench))
        assert "64 × 20 pixels, and the picture 64 × 48" in bar_text(bench)

    run(test)


def test_choosing_a_model_of_few_steps_shows_its_steps_unless_they_were_set(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        assert bench.generate.choose("images.vary")
        form = bench.generate.form
        assert form is not None
        model = form.rows["model"].editor
        assert isinstance(model, ModelEditor)
        model.box.setCurrentIndex(model.box.findData("model"))
        assert (form.values()["steps"], form.values()["guidance_scale"]) == (20, 5.0)
        model.box.setCurrentIndex(model.box.findData("model-2"))
        assert (form.values()["steps"], form.values()["guidance_scale"]) == (4, 1.0)
        form.set_values({"steps": 7})
        model.box.setCurrentIndex(model.box.findData("model"))
        assert (form.values()["steps"], form.values()["guidance_scale"]) == (7, 5.0)
        # As "make again" fills it in: what a record says counts, whatever its model recommends.
        assert bench.generate.fill("images.vary", {"steps": 20, "model": "model-2"})
        assert form.values()["steps"] == 20

    run(test)
