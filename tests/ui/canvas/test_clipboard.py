"""Copy and Cut on the canvas: what the clipboard holds, and where it lies when pasted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.edits import ChangeLayer
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.paint.qimages import from_qimage
from studio.paint.regions import read_layer, tiled
from studio.paint.selection import rectangle
from studio.ui.canvas.clipboard import PLACE_MIME, CanvasClipboard, place_of
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.selection_commands import SelectionCommands

GLASS = (200, 40, 30, 90)


@pytest.fixture
def easel(qtbot: QtBot) -> Easel:
    paper = PaintLayer("paper", "Paper", tiled(np.full((60, 80, 4), 255, np.uint8)))
    glass = PaintLayer("glass", "Glass", tiled(np.full((20, 30, 4), GLASS, np.uint8)), 5, 10)
    made = Easel(DocumentStore(Document("", (paper, glass), 80, 60)))
    made.choose("glass")
    return made


@pytest.fixture
def clipboard(easel: Easel) -> CanvasClipboard:
    return CanvasClipboard(easel, SelectionCommands(easel))


def _select(easel: Easel, rect: Rect) -> None:
    document = easel.document
    easel.store.load(replace(document, selection=rectangle(rect)))


def _held() -> tuple[Pixels, str]:
    data = QApplication.clipboard().mimeData()
    image = data.imageData()
    assert isinstance(image, QImage)
    return from_qimage(image), bytes(data.data(PLACE_MIME).data()).decode()


def test_copy_takes_the_selected_pixels_of_the_layer_with_their_transparency(
    easel: Easel, clipboard: CanvasClipboard
) -> None:
    _select(easel, Rect(0, 0, 15, 15))
    clipboard.copy()
    pixels, place = _held()
    assert (pixels.shape, place) == ((5, 10, 4), "5 10")
    assert (pixels == GLASS).all()
    assert not easel.store.can_undo


def test_copy_visible_takes_what_is_seen_within_the_canvas(
    easel: Easel, clipboard: CanvasClipboard
) -> None:
    clipboard.copy_visible()
    pixels, place = _held()
    assert (pixels.shape, place) == ((60, 80, 4), "0 0")
    assert (pixels[..., 3] == 255).all()
    assert tuple(pixels[15, 10, :3]) != (255, 255, 255)


def test_cut_takes_the_selected_part_away_in_one_step(
    easel: Easel, clipboard: CanvasClipboard
) -> None:
    _select(easel, Rect(0, 0, 15, 15))
    before = easel.document
    clipboard.cut()
    layer = easel.document.layer("glass")
    assert isinstance(layer, PaintLayer)
    left = read_layer(layer, Rect(5, 10, 30, 20))
    assert not left[:5, :10].any()
    assert (left[5:] == GLASS).all()
    assert easel.store.undo_label == "cutting"
    easel.store.undo()
    assert easel.document == before
    assert not easel.store.can_undo


def test_cut_without_a_selection_takes_the_layer(easel: Easel, clipboard: CanvasClipboard) -> None:
    clipboard.cut()
    assert [layer.id for layer in easel.document.layers] == ["paper"]
    pixels, _ = _held()
    assert (pixels == GLASS).all()


def test_cut_of_a_locked_layer_changes_nothing_and_says_why(
    easel: Easel, clipboard: CanvasClipboard
) -> None:
    said: list[str] = []
    easel.refused.connect(said.append)
    layer = easel.current
    assert layer is not None
    easel.store.apply(ChangeLayer(layer, replace(layer, locked=True)))
    before = easel.document
    clipboard.cut()
    _select(easel, Rect(0, 0, 15, 15))
    clipboard.cut()
    assert easel.document.layers == before.layers
    assert len(said) == 2
    assert all("locked" in words for words in said)


def test_cut_and_copy_of_nothing_say_so(easel: Easel, clipboard: CanvasClipboard) -> None:
    said: list[str] = []
    easel.refused.connect(said.append)
    _select(easel, Rect(60, 0, 5, 5))
    clipboard.copy()
    clipboard.cut()
    assert said == ["There is nothing to copy here."] * 2
    assert not easel.store.can_undo


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"3 4", (3, 4)),
        (b"-5 70", None),  # below the canvas
        (b"-5 -5", (-5, -5)),
        (b"3", None),
        (b"a b", None),
        (b"9999999999 1", None),
    ],
)
def test_place_of_a_copy_counts_where_it_would_be_seen(
    words: bytes, expected: tuple[int, int] | None
) -> None:
    data = QMimeData()
    assert place_of(data, Rect(0, 0, 80, 60), 10, 10) is None
    data.setData(PLACE_MIME, words)
    assert place_of(data, Rect(0, 0, 80, 60), 10, 10) == expected
