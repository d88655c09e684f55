"""What is dragged out: made only when somebody takes it, and then whole."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.api.errors import StorageError
from studio.api.outputs import ImageOutput, LatentOutput, Pixels, TextOutput
from studio.core.document import Document
from studio.core.layers import PaintLayer
from studio.core.records import Record
from studio.core.store import DocumentStore
from studio.library.history import History
from studio.paint.qimages import from_qimage
from studio.paint.regions import tiled
from studio.ui.dropping import LAYER_MIME, RESULT_MIME, dropped, is_welcome
from studio.ui.forms.giving import FromCanvas, asks_of
from studio.ui.layers.layers_model import LayersModel
from studio.ui.outgoing import Outgoing, file_name, picture
from studio.ui.panels.history_model import leaving_of
from tests.support.folios import painted


class Told(list[str]):
    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def outgoing(tmp_path: Path, told: Told, qtbot: QtBot) -> Outgoing:
    return Outgoing(tmp_path / "dragged", told)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls()]


def test_drag_makes_nothing_until_it_is_asked(outgoing: Outgoing, tmp_path: Path) -> None:
    def never() -> Pixels:
        raise AssertionError("nobody has asked")

    data = outgoing.mime([picture("Fox", never)])
    assert {"image/png", "text/uri-list", "application/x-qt-image"} <= set(data.formats())
    assert data.hasImage()
    assert data.hasUrls()
    assert not (tmp_path / "dragged").exists()


def test_drag_gives_image_png_and_file_with_the_same_pixels(outgoing: Outgoing) -> None:
    asked: list[int] = []
    wanted = painted(3)

    def pixels() -> Pixels:
        asked.append(1)
        return wanted

    data = outgoing.mime([picture("A fox: red/blue", pixels)])
    image = data.imageData()
    assert isinstance(image, QImage)
    np.testing.assert_array_equal(from_qimage(image), wanted)
    png = np.asarray(Image.open(io.BytesIO(bytes(data.data("image/png").data()))))
    np.testing.assert_array_equal(png, wanted)
    (path,) = _paths(data)
    assert path.name == "A fox- red-blue.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), wanted)
    assert _paths(data) == [path]
    assert len(asked) == 2  # once for the image and the PNG, once for the file


def test_several_things_are_several_files_and_no_image(outgoing: Outgoing) -> None:
    data = outgoing.mime([picture("Same", lambda: painted(1)), picture("Same", lambda: painted(2))])
    assert not data.hasImage()
    assert [path.name for path in _paths(data)] == ["Same.png", "Same 2.png"]


def test_disk_that_refuses_is_told_and_nothing_is_given(
    outgoing: Outgoing, told: Told, tmp_path: Path
) -> None:
    (tmp_path / "dragged").write_text("in the way")
    assert outgoing.mime([picture("Fox", lambda: painted(1))]).urls() == []

    def gone() -> Pixels:
        raise StorageError("The blob is gone.", where="x")

    assert outgoing.mime([picture("Fox", gone)]).imageData() is None
    assert len(told) == 2
    assert "can't be made" in told[0]
    assert "gone" in told[1]


def test_files_of_former_days_are_cleared_away(outgoing: Outgoing, tmp_path: Path) -> None:
    (old,) = outgoing.written([picture("Old", lambda: painted(1))])
    (fresh,) = outgoing.written([picture("New", lambda: painted(1))])
    os.utime(old.parent, (0, 0))
    outgoing.written([picture("Another", lambda: painted(1))])
    assert not old.exists()
    assert fresh.exists()


@pytest.mark.parametrize(
    ("title", "name"),
    [("", "Picture.png"), ("../../etc", "-..-etc.png"), ("a\nb", "a-b.png"), ("x" * 300, "x" * 80 + ".png")],
)  # fmt: skip
def test_titles_become_names_that_stay_in_their_folder(title: str, name: str) -> None:
    assert file_name(title, ".png") == name


def test_layers_are_dragged_with_their_pixels_and_empty_ones_without(outgoing: Outgoing) -> None:
    ink = PaintLayer("ink", "Ink", tiled(np.full((4, 6, 4), (9, 8, 7, 66), np.uint8)), 100, 50)
    store = DocumentStore(Document("", (ink, PaintLayer("none", "None"))))
    model = LayersModel(store, outgoing)
    data = model.mimeData([model.index_of("ink")])
    assert bytes(data.data(LAYER_MIME).data()) == b"ink"
    image = data.imageData()
    assert isinstance(image, QImage)
    assert (from_qimage(image) == (9, 8, 7, 66)).all()
    assert [path.name for path in _paths(data)] == ["Ink.png"]
    empty = model.mimeData([model.index_of("none")])
    assert empty.formats() == [LAYER_MIME]
    # Within the window a row stays a row.
    assert not is_welcome(data)
    assert dropped(data).files == ()
    assert asks_of(data) == [FromCanvas()]


def test_results_leave_as_their_files_and_latents_as_their_pictures(
    outgoing: Outgoing, history: History
) -> None:
    record = Record(generator_id="toy", generator_version="1", params={}, seed=1)
    shade = np.full((8, 8, 4), 77, np.uint8)
    latent = LatentOutput({"w": np.ones(3, np.float32)}, "toy.w", shade)
    items = [
        history.add(ImageOutput(painted(5)), record, title="Fox"),
        history.add(latent, record, title="Face"),
        history.add(TextOutput("Once upon"), record, title="Tale"),
    ]
    fox, face, tale = (outgoing.mime([leaving_of(history, item)]) for item in items)
    image = fox.imageData()
    assert isinstance(image, QImage)
    np.testing.assert_array_equal(from_qimage(image), painted(5))
    names = [path.name for data in (fox, face, tale) for path in _paths(data)]
    assert names == ["Fox.png", "Face.png", "Tale.md"]
    assert (np.asarray(Image.open(_paths(face)[0]).convert("RGBA")) == 77).all()
    assert _paths(tale)[0].read_text() == "Once upon"
    assert not tale.hasImage()


def test_drop_is_told_apart(qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    assert not is_welcome(data)
    data.setText("words")
    assert not is_welcome(data)
    picture_itself = QMimeData()
    picture_itself.setImageData(QImage(3, 2, QImage.Format.Format_RGBA8888))
    found = dropped(picture_itself).image
    assert found is not None
    assert (found.width(), found.height()) == (3, 2)
    address = QMimeData()
    address.setData("text/uri-list", b"https://example.org/fox.png\r\n")
    assert is_welcome(address)
    assert dropped(address).remote
    address.setImageData(QImage(3, 2, QImage.Format.Format_RGBA8888))
    assert dropped(address).image is not None
    both = QMimeData()
    both.setImageData(QImage(3, 2, QImage.Format.Format_RGBA8888))
    both.setData("text/uri-list", (tmp_path / "a.png").as_uri().encode())
    assert dropped(both).files == (tmp_path / "a.png",)
    result = QMimeData()
    result.setData(RESULT_MIME, b"one two")
    assert dropped(result).results == ("one", "two")
