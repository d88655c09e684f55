"""Photoshop files both ways: what the format has comes back; what is damaged is refused in words."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api.errors import StorageError, StudioError
from studio.core.document import Document
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, Mask, PaintLayer, walk
from studio.io.documents import read_document
from studio.io.export.pictures import export_document
from studio.io.psd_reader import read_psd
from studio.paint.composing import compose
from studio.paint.regions import read_layer, tiled
from tests.support.folios import mask_of, paint_layer, painted, rich_document


def _back(path: Path, document: Document) -> Document:
    export_document(path, document)
    return read_document(path).document


def _facts(layer: Layer) -> tuple[object, ...]:
    return (
        type(layer) is GroupLayer, layer.name, layer.visible, round(layer.opacity, 2), layer.blend_mode,
        layer.clipped, layer.locked, layer.mask is not None,
    )  # fmt: skip


def test_psd_layers_groups_masks_opacity_modes_come_back(tmp_path: Path) -> None:
    document = rich_document()
    opened = _back(tmp_path / "a.psd", document)
    assert (opened.width_px, opened.height_px) == (100, 80)
    before, after = list(walk(document.layers)), list(walk(opened.layers))
    assert [_facts(layer) for layer in before] == [_facts(layer) for layer in after]
    for one, two in zip(before, after, strict=True):
        if isinstance(one, PaintLayer) and isinstance(two, PaintLayer) and not one.bounds.empty:
            assert np.array_equal(read_layer(one), read_layer(two, one.bounds))
    shown, again = (compose(d.layers, document.frame).astype(int) for d in (document, opened))
    seen = np.maximum(shown[..., 3:], again[..., 3:]) / 255
    assert float((abs(shown - again) * seen).max()) <= 2


@pytest.mark.parametrize("mode", list(BlendMode))
def test_psd_every_blend_mode_comes_back(tmp_path: Path, mode: BlendMode) -> None:
    layer = replace(paint_layer("a", 1), blend_mode=mode)
    group = GroupLayer("g", "G", layers=(layer,), blend_mode=mode)
    (opened,) = _back(tmp_path / "a.psd", Document("", (group,))).layers
    assert isinstance(opened, GroupLayer)
    assert opened.blend_mode is mode
    assert opened.layers[0].blend_mode is mode


def test_psd_names_in_any_script_come_back(tmp_path: Path) -> None:
    layers: Layers = tuple(
        replace(paint_layer(f"l{i}", i), name=n)
        for i, n in enumerate(("Änne 🙂", "図層", "x" * 300))
    )
    opened = _back(tmp_path / "a.psd", Document("", layers)).layers
    assert [layer.name for layer in opened] == ["Änne 🙂", "図層", "x" * 255]


@pytest.mark.parametrize("fill", [0, 255, 128])
def test_psd_mask_of_any_fill_hides_the_same(tmp_path: Path, fill: int) -> None:
    group = GroupLayer("g", "G", layers=(paint_layer("a", 1),), mask=mask_of(2, fill))
    document = Document("", (group,), 60, 40)
    opened = _back(tmp_path / "a.psd", document)
    assert np.array_equal(
        compose(document.layers, document.frame), compose(opened.layers, document.frame)
    )


def test_psd_disabled_mask_comes_back_disabled(tmp_path: Path) -> None:
    mask = replace(mask_of(1), enabled=False)
    (opened,) = _back(
        tmp_path / "a.psd", Document("", (replace(paint_layer("a", 1), mask=mask),))
    ).layers
    assert opened.mask is not None
    assert not opened.mask.enabled


def test_psd_picture_of_the_whole_is_what_the_canvas_shows(tmp_path: Path) -> None:
    from PIL import Image

    document = rich_document()
    export_document(tmp_path / "a.psd", document)
    whole = np.asarray(Image.open(tmp_path / "a.psd").convert("RGBA")).astype(int)
    shown = compose(document.layers, document.frame).astype(int)
    opaque = shown[..., 3] == 255
    assert opaque.any()
    assert int(abs(whole - shown)[opaque][:, :3].max()) <= 1


def test_psd_too_large_for_the_format_is_said(tmp_path: Path) -> None:
    wide = PaintLayer("a", "A", tiled(painted(1, 60, 2)), 0, 0)
    with pytest.raises(StudioError, match="can't hold 40000"):
        export_document(tmp_path / "a.psd", Document("", (wide,), 40_000, 10))
    assert not (tmp_path / "a.psd").exists()


def test_psd_that_claims_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    export_document(path, Document("", (paint_layer("a", 1),)))
    data = bytearray(path.read_bytes())
    data[14:22] = struct.pack(">2L", 30_000, 30_000)
    path.write_bytes(data)
    with pytest.raises(StorageError, match="30000 × 30000"):
        read_psd(path)


def test_psd_layers_that_need_too_much_memory_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    export_document(path, Document("", tuple(paint_layer(f"l{i}", i) for i in range(5))))
    with pytest.raises(StorageError, match="more memory"):
        read_psd(path, memory_bytes=100_000)


def test_psd_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    path.write_bytes(b"8BPX" + bytes(40))
    with pytest.raises(StorageError, match="no Photoshop file"):
        read_psd(path)


def test_psd_flipped_or_cut_only_ever_raises_storage_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    small = PaintLayer("a", "A", tiled(painted(1, 12, 8)))
    export_document(
        path, Document("", (GroupLayer("g", "G", layers=(replace(small, mask=Mask(EMPTY_MASK)),)),))
    )
    whole = path.read_bytes()

    @settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(whole) - 1), st.integers(1, 255), st.booleans())
    def damage(place: int, value: int, cut: bool) -> None:
        damaged = bytearray(whole)
        damaged[place] ^= value
        path.write_bytes(whole[:place] if cut else damaged)
        try:
            opened = read_psd(path, memory_bytes=1 << 24).document
        except StorageError:
            return
        assert opened.width_px * opened.height_px < 1 << 26

    damage()


EMPTY_MASK = tiled(np.full((8, 12), 90, np.uint8))
