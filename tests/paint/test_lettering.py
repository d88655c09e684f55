"""Text layers: letters in their colour, broken at their width, still text afterwards."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QApplication

from studio.core.layers import PaintLayer, TextLayer, TextStyle
from studio.paint.lettering import lettered
from studio.paint.regions import read_layer


def test_letters_have_the_colour_and_the_layer_its_words(qapp: QApplication) -> None:
    style = TextStyle(size_px=30, colour=(200, 30, 10, 255))
    layer = lettered(TextLayer("t", "t", x=50, y=80), "Fox", style)
    assert (layer.text, layer.style) == ("Fox", style)
    bounds = layer.bounds
    assert 50 - 8 <= bounds.x <= 60
    assert bounds.y >= 80
    assert 15 <= bounds.height <= 45
    pixels = read_layer(layer)
    assert (pixels[pixels[..., 3] > 0][:, :3] == (200, 30, 10)).all()
    assert pixels[..., 3].max() == 255
    plain = layer.rasterised()
    assert type(plain) is PaintLayer
    assert plain.pixels is layer.pixels


def test_longer_larger_and_narrower_text_is_drawn_anew(qapp: QApplication) -> None:
    layer = TextLayer("t", "t")
    one = lettered(layer, "one line of words", TextStyle(size_px=20))
    broken = lettered(layer, "one line of words", TextStyle(size_px=20, width_px=60))
    large = lettered(layer, "one line of words", TextStyle(size_px=40))
    assert broken.bounds.height > 1.8 * one.bounds.height
    assert broken.bounds.width < one.bounds.width
    assert large.bounds.height > 1.6 * one.bounds.height
    assert not lettered(one, "  ", TextStyle()).pixels.tiles
    half = lettered(layer, "O", TextStyle(size_px=40, colour=(0, 0, 0, 128)))
    assert np.asarray(read_layer(half))[..., 3].max() == 128
