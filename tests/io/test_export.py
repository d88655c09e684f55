"""The canvas in other formats: the same picture, in sRGB, within each format's limits; films of layers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.api.errors import StudioError
from studio.core.document import Document
from studio.core.layers import GroupLayer, PaintLayer
from studio.io.documents import read_document
from studio.io.export.films import export_film
from studio.io.export.pictures import export_document
from studio.io.images import read_image
from studio.paint.composing import compose
from studio.paint.regions import read_layer, tiled
from tests.support.folios import rich_document
from tests.support.pictures import file_of, linear_profile


def _shade(value: int, name: str = "a", *, visible: bool = True) -> PaintLayer:
    pixels = np.full((30, 41, 4), value, np.uint8)
    pixels[..., 3] = 255
    return PaintLayer(name, name, tiled(pixels), visible=visible)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_export_without_loss_is_what_the_canvas_shows(tmp_path: Path, suffix: str) -> None:
    document, path = rich_document(), tmp_path / f"a{suffix}"
    export_document(path, document)
    assert np.array_equal(read_image(path), compose(document.layers, document.frame))


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif"])
def test_export_says_its_colours_are_srgb(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    export_document(path, Document("", (_shade(120),)))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(Image.open(path).info["icc_profile"]))
    assert ImageCms.getProfileDescription(profile).startswith("sRGB")
    assert int(abs(read_image(path).astype(int)[..., :3] - 120).max()) <= 2


def test_export_png_has_the_chunk_that_says_srgb(tmp_path: Path) -> None:
    export_document(tmp_path / "a.png", Document("", (_shade(1),)))
    assert Image.open(tmp_path / "a.png").info["srgb"] == 0


def test_export_jpeg_has_white_where_the_canvas_is_transparent(tmp_path: Path) -> None:
    document = Document("", (_shade(0),), 80, 30)
    export_document(tmp_path / "a.jpg", document)
    pixels = read_image(tmp_path / "a.jpg")
    assert int(pixels[15, 70, 0]) == 255
    assert int(pixels[15, 10, 0]) == 0


@pytest.mark.parametrize(("suffix", "said"), [(".webp", "can't hold"), (".xyz", "can't export")])
def test_export_that_cannot_be_is_said(tmp_path: Path, suffix: str, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        export_document(tmp_path / f"a{suffix}", Document("", (_shade(1),), 20_000, 10))
    assert list(tmp_path.iterdir()) == []


def test_export_of_nothing_visible_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="visible"):
        export_document(tmp_path / "a.png", Document("", (_shade(1, visible=False),)))


def test_tiff_with_a_profile_is_read_through_it(tmp_path: Path) -> None:
    grey = Image.new("L", (4, 4), 128)
    (tmp_path / "a.tif").write_bytes(file_of(grey, "TIFF", icc_profile=linear_profile()))
    (layer,) = read_document(tmp_path / "a.tif").document.layers
    assert isinstance(layer, PaintLayer)
    assert abs(int(read_layer(layer)[0, 0, 0]) - 188) <= 1


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_film_of_layers_comes_back_as_layers(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    document = Document("", tuple(_shade(v, f"l{v}", visible=v == 10) for v in (10, 100, 200)))
    assert export_film(path, document, 10) == 3
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    (group,) = read_document(path).document.layers
    assert isinstance(group, GroupLayer)
    for layer, value in zip(group.layers, (10, 100, 200), strict=True):
        assert isinstance(layer, PaintLayer)
        assert abs(int(read_layer(layer)[5, 5, 0]) - value) <= 3
        assert "100 ms" in layer.name
    assert export_film(tmp_path / f"b{suffix}", read_document(path).document) == 3


def test_film_as_mp4_and_pictures_is_written(tmp_path: Path) -> None:
    document = Document("", (_shade(10, "a"), _shade(200, "b")))
    for name in ("a.mp4", "a.zip"):
        assert export_film(tmp_path / name, document) == 2
        assert (tmp_path / name).stat().st_size > 100


def test_film_of_one_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="two layers"):
        export_film(tmp_path / "a.gif", Document("", (_shade(1),)))


def test_moving_picture_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_film(tmp_path / "a.gif", Document("", (_shade(10, "a"), _shade(200, "b"))))
    monkeypatch.setattr("studio.io.images.MAX_PIXELS", 2000)
    with pytest.raises(StudioError, match="2 pictures have 41 × 30"):
        read_document(tmp_path / "a.gif")
