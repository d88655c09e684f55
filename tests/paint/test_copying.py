"""What Copy takes of a canvas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, PaintLayer
from studio.paint.composing import compose
from studio.paint.copying import alone, copied
from studio.paint.regions import tiled
from studio.paint.selection import inverted, rectangle
from tests.support.folios import paint_layer


def test_copied_without_a_selection_is_the_layer_with_its_place() -> None:
    found = copied((paint_layer("a", 1, -7, 5),), None)
    assert found is not None
    pixels, area = found
    layer = paint_layer("a", 1, -7, 5)
    assert area == layer.bounds
    np.testing.assert_array_equal(pixels, compose((layer,), layer.bounds))


def test_copied_half_selected_pixels_are_half_as_opaque_and_keep_their_colour() -> None:
    layer = PaintLayer("a", "A", tiled(np.full((20, 20, 4), (200, 100, 50, 255), np.uint8)))
    soft = tiled(np.full((5, 8), 128, np.uint8), 3, 4)
    found = copied((layer,), soft)
    assert found is not None
    pixels, area = found
    assert area == Rect(3, 4, 8, 5)
    assert (pixels == (200, 100, 50, 128)).all()


def test_copied_of_an_inverted_selection_and_within_a_frame() -> None:
    layer = PaintLayer("a", "A", tiled(np.full((30, 30, 4), 255, np.uint8)))
    around = inverted(rectangle(Rect(10, 10, 5, 5)))
    found = copied((layer,), around, Rect(0, 0, 20, 25))
    assert found is not None
    pixels, area = found
    assert area == Rect(0, 0, 20, 25)
    assert not pixels[10:15, 10:15, 3].any()
    assert pixels[9, 9, 3] == 255


def test_copied_finds_nothing_where_nothing_is() -> None:
    layer = paint_layer("a", 1)
    assert copied((PaintLayer("b", "B"),), None) is None
    assert copied((layer,), rectangle(Rect(500, 500, 5, 5))) is None
    assert copied((layer,), None, Rect(500, 0, 9, 9)) is None


def test_alone_hidden_and_clipped_layers_and_groups_are_copied_as_they_look() -> None:
    hidden = replace(paint_layer("a", 1), visible=False, clipped=True)
    group = replace(GroupLayer("g", "G", (paint_layer("x", 2),)), visible=False)
    for layer in (hidden, group):
        found = copied((alone(layer),), None)
        assert found is not None
        assert found[0][..., 3].any()
