"""An independent reader of OpenRaster, pyora, sees the same picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.layers import BlendMode, GroupLayer, PaintLayer
from studio.io.folio_reader import read_folio
from studio.io.folio_writer import write_folio
from studio.paint.composing import compose
from studio.paint.regions import tiled
from tests.support.folios import mask_of, paint_layer, painted

pyora = pytest.importorskip("pyora", reason="a test extra")


def _opaque(seed: int) -> PaintLayer:
    pixels = painted(seed, 100, 80)
    pixels[..., 3] = 255
    return PaintLayer("ground", "Ground", tiled(pixels))


def _rendered(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    project = pyora.Project.load(str(path))
    return np.asarray(project.get_image_data(use_original=False).convert("RGBA")).astype(int)


# It has no exclusion, and formulas of its own for these two, which differ from the W3C's.
_OTHERWISE = {BlendMode.EXCLUSION, BlendMode.SOFT_LIGHT, BlendMode.PLUS}


@pytest.mark.parametrize("mode", [mode for mode in BlendMode if mode not in _OTHERWISE])
def test_pyora_sees_each_blend_mode_as_we_do(tmp_path: Path, mode: BlendMode) -> None:
    top = replace(paint_layer("top", 2, 20, 10), blend_mode=mode, opacity=0.8)
    document = Document("", (_opaque(1), top), 100, 80)
    write_folio(tmp_path / "a.folio", document)
    shown = compose(document.layers, document.frame).astype(int)
    assert int(abs(_rendered(tmp_path / "a.folio") - shown).max()) <= 3


def test_pyora_sees_masks_clipping_groups_and_hidden_layers_as_we_do(tmp_path: Path) -> None:
    group = GroupLayer(
        "g", "Group", opacity=0.6,
        layers=(paint_layer("x", 3, 5, 5), replace(paint_layer("y", 4, 30, 30), mask=mask_of(5))),
    )  # fmt: skip
    layers = (
        _opaque(1),
        group,
        paint_layer("base", 6, 30, 20),
        replace(paint_layer("clip", 7, 40, 25), clipped=True, blend_mode=BlendMode.MULTIPLY),
        replace(paint_layer("hidden", 8), visible=False),
    )
    document = Document("", layers, 100, 80)
    write_folio(tmp_path / "a.folio", document)
    shown = compose(document.layers, document.frame).astype(int)
    assert int(abs(_rendered(tmp_path / "a.folio") - shown).max()) <= 3


def test_pyora_file_is_opened(tmp_path: Path) -> None:
    from PIL import Image

    project = pyora.Project.new(50, 40)
    project.add_layer(Image.fromarray(painted(1, 20, 10)), "Group/One", offsets=(3, 4), opacity=0.5)
    project.save(str(tmp_path / "a.ora"))
    opened = read_folio(tmp_path / "a.ora").document
    assert (opened.width_px, opened.height_px) == (50, 40)
    (group,) = opened.layers
    assert isinstance(group, GroupLayer)
    (layer,) = group.layers
    assert isinstance(layer, PaintLayer)
    assert (layer.name, layer.x, layer.y, layer.opacity) == ("One", 3, 4, 0.5)
    assert np.array_equal(layer.pixels.tiles[(0, 0)][:10, :20], painted(1, 20, 10))
