"""The canvas's size and the picture's scale: pixels stay or are resampled, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.guides import Guide
from studio.core.layers import GroupLayer, Mask, PaintLayer, TextLayer, TextStyle
from studio.paint.composing import compose
from studio.paint.lettering import lettered
from studio.paint.regions import read, tiled
from studio.paint.resizing import mirrored, resized, scaled, turned
from studio.paint.selection import inverted, rectangle
from tests.support.folios import paint_layer, rich_document


def _seen(document: Document) -> Pixels:
    return compose(document.layers, document.frame)


def _plain(width: int = 60, height: int = 40) -> Document:
    group = GroupLayer("g", "G", (paint_layer("b", 2, 10, 4),))
    return Document("words", (paint_layer("a", 1), group), width, height)


@pytest.mark.parametrize(
    ("anchor", "place"),
    [((0, 0), (0, 0)), ((0.5, 0.5), (20, 30)), ((1, 1), (40, 60)), ((0.5, 0), (20, 0))],
)
def test_resized_canvas_keeps_every_pixel_where_the_anchor_says(
    anchor: tuple[float, float], place: tuple[int, int]
) -> None:
    before = _plain()
    after = resized(before, 100, 100, anchor)
    assert after.frame == Rect(0, 0, 100, 100)
    x, y = place
    np.testing.assert_array_equal(_seen(after)[y : y + 40, x : x + 60], _seen(before))
    assert after.text == "words"


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 120), st.integers(1, 120), st.sampled_from([0.0, 0.5, 1.0]))
def test_resized_smaller_and_back_has_lost_nothing(width: int, height: int, along: float) -> None:
    before = _plain()
    smaller = resized(before, width, height, (along, along))
    back = resized(smaller, 60, 40, (along, along))
    shift = back.layers[0].bounds.x - before.layers[0].bounds.x
    assert abs(shift) <= 1  # an odd difference has no middle pixel
    if along != 0.5:
        np.testing.assert_array_equal(_seen(back), _seen(before))


def test_resized_selection_goes_along_and_ends_at_the_new_canvas() -> None:
    before = replace(_plain(), selection=rectangle(Rect(50, 10, 30, 10)))
    after = resized(before, 70, 40, (0, 0)).selection
    assert after is not None
    assert after.bounds == Rect(50, 10, 20, 10)
    assert resized(before, 40, 40, (0, 0)).selection is None


def test_resized_canvas_without_a_size_begins_at_what_is_on_it() -> None:
    before = Document("", (paint_layer("a", 1, -30, 7),))
    frame = before.frame
    after = resized(before, frame.width, frame.height, (0, 0))
    assert after.frame == Rect(0, 0, frame.width, frame.height)
    np.testing.assert_array_equal(_seen(after), _seen(before))


def test_scaled_to_twice_its_size_looks_as_if_seen_twice_as_large() -> None:
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, 30:, 0] = 255
    layer = PaintLayer("a", "A", tiled(pixels))
    after = scaled(Document("", (layer,), 60, 40), 120, 80)
    seen = _seen(after)
    assert seen.shape == (80, 120, 4)
    assert (seen[:, :54, 0] == 0).all()
    assert (seen[:, 66:, 0] == 255).all()
    assert (seen[..., 3] == 255).all()


def test_scaled_picture_keeps_groups_masks_and_selection_in_place() -> None:
    square = PaintLayer("s", "S", tiled(np.full((10, 10, 4), 255, np.uint8)), 20, 10)
    mask = Mask(tiled(np.full((10, 5), 255, np.uint8)), 20, 10)
    group = GroupLayer("g", "G", (square,), mask=mask, opacity=0.5)
    before = Document("", (group,), 60, 40, selection=rectangle(Rect(10, 10, 20, 20)))
    after = scaled(before, 180, 120)
    seen = _seen(after)
    assert seen[45, 65, 3] == 128
    assert not seen[45, 78:, 3].any()  # the mask hides the right half
    assert seen.shape == (120, 180, 4)
    selection = after.selection
    assert selection is not None
    assert (read(selection, Rect(36, 36, 48, 48)) > 240).all()
    assert read(selection, Rect(0, 0, 24, 120)).max() < 8  # the resampling rings a little


def test_scaled_inverted_selection_stays_inverted_on_the_canvas() -> None:
    before = replace(_plain(), selection=inverted(rectangle(Rect(10, 10, 20, 20))))
    selection = scaled(before, 120, 80).selection
    assert selection is not None
    assert not read(selection, Rect(26, 26, 28, 28)).any()
    assert (read(selection, Rect(0, 0, 120, 14)) == 255).all()


def test_scaled_text_stays_a_text_and_becomes_pixels_only_if_squeezed(qapp: QApplication) -> None:
    empty = TextLayer("t", "Text", x=10, y=5)
    text = lettered(empty, "Fox", TextStyle(size_px=20, width_px=50))
    before = Document("", (text,), 60, 40)
    (twice,) = scaled(before, 120, 80).layers
    assert isinstance(twice, TextLayer)
    assert (twice.text, twice.style.size_px, twice.style.width_px) == ("Fox", 40, 100)
    assert (twice.x, twice.y) == (20, 10)
    assert abs(twice.bounds.width - 2 * text.bounds.width) <= 4
    (squeezed,) = scaled(before, 120, 40).layers
    assert type(squeezed) is PaintLayer
    assert abs(squeezed.bounds.width - 2 * text.bounds.width) <= 2


def test_scaled_to_almost_nothing_still_is_a_document(qapp: QApplication) -> None:
    before = rich_document()
    after = scaled(before, 1, 1)
    assert after.frame == Rect(0, 0, 1, 1)
    assert [layer.id for layer in after.layers] == [layer.id for layer in before.layers]


def test_sizes_without_a_pixel_are_refused() -> None:
    for width, height in ((0, 5), (5, -1)):
        with pytest.raises(ValueError, match="pixel"):
            resized(_plain(), width, height)
        with pytest.raises(ValueError, match="nothing"):
            scaled(_plain(), width, height)
    with pytest.raises(ValueError, match="nothing"):
        scaled(Document(), 5, 5)


def test_guides_go_along_with_the_picture() -> None:
    before = replace(_plain(), guides=(Guide("x", 10), Guide("y", 30)))
    assert resized(before, 80, 60).guides == (Guide("x", 20), Guide("y", 40))
    assert scaled(before, 120, 40).guides == (Guide("x", 20), Guide("y", 30))
    assert turned(before, 1).guides == (Guide("y", 10), Guide("x", 10))
    assert turned(turned(before, 1), 3).guides == before.guides
    assert mirrored(before, across=True).guides == (Guide("x", 50), Guide("y", 30))


@pytest.mark.parametrize("quarters", [1, 2, 3, 4, -1])
def test_turned_by_right_angles_moves_pixels_and_changes_none(quarters: int) -> None:
    before = replace(_plain(), selection=rectangle(Rect(5, 10, 20, 10)))
    after = turned(before, quarters)
    np.testing.assert_array_equal(_seen(after), np.rot90(_seen(before), -quarters))
    assert before.selection is not None
    assert after.selection is not None
    expected = np.rot90(read(before.selection, before.frame), -quarters)
    np.testing.assert_array_equal(read(after.selection, after.frame), expected)


def test_mirrored_both_ways_gives_the_same_picture_again() -> None:
    before = _plain()
    across, down = mirrored(before, across=True), mirrored(before, across=False)
    np.testing.assert_array_equal(_seen(across), _seen(before)[:, ::-1])
    np.testing.assert_array_equal(_seen(down), _seen(before)[::-1])
    np.testing.assert_array_equal(_seen(mirrored(across, across=True)), _seen(before))
