"""A folio comes back as it was; others see the same picture; what didn't change isn't encoded again."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.api.errors import StorageError
from studio.core.background import Background
from studio.core.document import Document
from studio.core.edits import NameBranch, OfferBranch, ReplaceText
from studio.core.geometry import Rect
from studio.core.guides import Guide
from studio.core.layers import GroupLayer, Layer, PaintLayer, walk
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.core.tiles import EMPTY
from studio.io.backups import Backups
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_reader import read_folio
from studio.io.folio_texts import KeptText
from studio.io.folio_writer import write_folio, write_openraster
from studio.io.journal import Journal
from studio.io.png_writer import encode_bands
from studio.io.recovery import find_left_behind
from studio.paint.composing import compose
from studio.paint.regions import tiled, written
from tests.support.folios import paint_layer, painted, rich_document, same_tiles


def _same(one: Document, other: Document) -> None:
    assert (one.text, one.width_px, one.height_px) == (other.text, other.width_px, other.height_px)
    for before, after in zip(walk(one.layers), walk(other.layers), strict=True):
        _same_layer(before, after)
    assert (one.selection is None) == (other.selection is None)
    if one.selection is not None and other.selection is not None:
        assert same_tiles(one.selection, other.selection)


def _same_layer(before: Layer, after: Layer) -> None:
    assert type(before) is type(after)
    assert (before.mask is None) == (after.mask is None)
    if before.mask is not None and after.mask is not None:
        assert same_tiles(before.mask.pixels, after.mask.pixels)
        assert replace(before.mask, pixels=EMPTY) == replace(after.mask, pixels=EMPTY)
    if isinstance(before, GroupLayer) and isinstance(after, GroupLayer):
        before, after = replace(before, layers=()), replace(after, layers=())
    if isinstance(before, PaintLayer) and isinstance(after, PaintLayer):
        assert same_tiles(before.pixels, after.pixels)
        before, after = replace(before, pixels=EMPTY), replace(after, pixels=EMPTY)
    assert replace(before, mask=None) == replace(after, mask=None)


def _merged(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with zipfile.ZipFile(path) as entries:
        return np.asarray(Image.open(io.BytesIO(entries.read("mergedimage.png"))))


def test_folio_saved_and_opened_is_the_same_document(tmp_path: Path) -> None:
    document = rich_document()
    write_folio(tmp_path / "a.folio", document, records={"r1": '{"seed": 3}', "other": "{}"})
    opened = read_folio(tmp_path / "a.folio")
    _same(document, opened.document)
    assert {name: json.loads(text) for name, text in opened.records.items()} == {"r1": {"seed": 3}}
    assert opened.notices == ()


def test_folio_keeps_who_wrote_the_text_and_its_records(tmp_path: Path) -> None:
    spans = (WrittenSpan(0, 3, "r1"), WrittenSpan(5, 8, "r2", edited=True))
    document = Document("写了吗 by me").with_text("写了吗 by me", spans)
    write_folio(tmp_path / "a.folio", document, records={"r2": "{}", "other": "{}"})
    opened = read_folio(tmp_path / "a.folio")
    assert opened.document == document
    assert set(opened.records) == {"r2"}


def test_folio_and_journal_keep_every_way_the_text_could_go(tmp_path: Path) -> None:
    store = DocumentStore(Document("The cat"))
    store.apply(OfferBranch(7, "offered"))
    store.apply(ReplaceText(7, "", " 坐下了。", "r1"))
    store.apply(ReplaceText(9, "下了。", " slept", "r2"))
    store.apply(NameBranch(2, "", "calm"))
    document = store.document
    texts = {name: KeptText(name) for name in ("offered", "r1", "r2", "other")}
    write_folio(tmp_path / "a.folio", document, records={"offered": "{}"}, texts=texts)
    opened = read_folio(tmp_path / "a.folio")
    assert opened.document == document
    assert set(opened.records) == {"offered"}
    assert set(opened.texts) == {"offered", "r1", "r2"}
    journal = Journal(tmp_path / "journals")
    journal.write(document)
    journal.close(keep=True)
    (left,), problems = find_left_behind(tmp_path / "journals")
    assert (left.document, problems) == (document, [])


def test_folio_keeps_what_a_model_is_told_beside_the_text(tmp_path: Path) -> None:
    document = Document("text", background=Background("Mara.", "Calm.", 5, "灯塔: high"))
    write_folio(tmp_path / "a.folio", document)
    assert read_folio(tmp_path / "a.folio").document == document


def test_folio_keeps_guides(tmp_path: Path) -> None:
    document = Document("", (), 64, 48, guides=(Guide("x", 12), Guide("y", -3)))
    write_folio(tmp_path / "a.folio", document)
    assert read_folio(tmp_path / "a.folio").document == document


@pytest.mark.parametrize(
    "document",
    [
        Document(),
        Document("only words"),
        Document("lone \ud800 half"),
        Document("", (paint_layer("far", 1, -5000, 900),)),
        Document("", (GroupLayer("g", "Empty"),), 5, 7),
    ],
)
def test_folio_odd_document_comes_back(tmp_path: Path, document: Document) -> None:
    write_folio(tmp_path / "a.folio", document)
    _same(document, read_folio(tmp_path / "a.folio").document)


def test_folio_layers_that_share_pixels_share_them_again(tmp_path: Path) -> None:
    pixels = tiled(painted(1))
    two = (PaintLayer("a", "A", pixels), PaintLayer("b", "B", pixels, 9, 9))
    write_folio(tmp_path / "a.folio", Document("", two))
    one, other = read_folio(tmp_path / "a.folio").document.layers
    assert isinstance(one, PaintLayer)
    assert isinstance(other, PaintLayer)
    assert one.pixels is other.pixels


def test_folio_layer_wider_than_a_picture_may_be_comes_back(tmp_path: Path) -> None:
    specks = written(tiled(painted(1)), painted(2), 40_000, 30_000)
    document = Document("", (PaintLayer("a", "A", specks),), 64, 64)
    write_folio(tmp_path / "a.folio", document)
    _same(document, read_folio(tmp_path / "a.folio").document)


def test_folio_is_openraster_with_its_mimetype_first_and_stored(tmp_path: Path) -> None:
    write_folio(tmp_path / "a.folio", rich_document())
    data = (tmp_path / "a.folio").read_bytes()
    assert data[30:38] == b"mimetype"
    assert data[38:54] == b"image/openraster"
    with zipfile.ZipFile(tmp_path / "a.folio") as entries:
        names = entries.namelist()
        assert entries.testzip() is None
    assert names[0] == "mimetype"
    assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(names)
    assert len(names) == len(set(names))


def test_folio_merged_picture_is_what_the_canvas_shows(tmp_path: Path) -> None:
    document = rich_document()
    write_folio(tmp_path / "a.folio", document)
    shown = compose(document.layers, Rect(0, 0, 100, 80))
    assert np.array_equal(_merged(tmp_path / "a.folio"), shown)


def test_folio_read_by_others_looks_the_same(tmp_path: Path) -> None:
    """What only Folio understands was composed for them: read as OpenRaster alone it gives the picture."""
    document = rich_document()
    write_openraster(tmp_path / "a.ora", document)
    with zipfile.ZipFile(tmp_path / "a.ora") as entries:
        assert not [name for name in entries.namelist() if name.startswith("folio/")]
        assert b"W\xc3\xb6rter" not in entries.read("stack.xml")
    opened = read_folio(tmp_path / "a.ora").document
    again = compose(opened.layers, opened.frame).astype(int)
    shown = compose(document.layers, document.frame).astype(int)
    seen = np.maximum(again[..., 3:], shown[..., 3:]) / 255
    assert float((abs(again - shown) * seen).max()) <= 2


def test_folio_thumbnail_is_the_picture_made_small(tmp_path: Path) -> None:
    pixels = np.zeros((600, 1100, 4), np.uint8)
    pixels[:, 550:] = (200, 100, 50, 255)
    write_folio(
        tmp_path / "a.folio", Document("", (PaintLayer("a", "A", tiled(pixels)),), 1100, 600)
    )
    with zipfile.ZipFile(tmp_path / "a.folio") as entries:
        small = Image.open(io.BytesIO(entries.read("Thumbnails/thumbnail.png")))
    assert small.size == (220, 120)
    assert small.getpixel((200, 60)) == (200, 100, 50, 255)
    assert small.getpixel((20, 60)) == (0, 0, 0, 0)


def test_folio_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    write_folio(tmp_path / "a.folio", rich_document())
    write_folio(tmp_path / "b.folio", rich_document())
    assert (tmp_path / "a.folio").read_bytes() == (tmp_path / "b.folio").read_bytes()


def test_folio_second_save_encodes_only_what_changed(tmp_path: Path) -> None:
    document, encoded = rich_document(), EncodedTiles()
    write_folio(tmp_path / "a.folio", document, encoded=encoded)
    first = encoded.encoded_count
    ground = document.layers[0]
    assert isinstance(ground, PaintLayer)
    stroke = replace(ground, pixels=written(ground.pixels, painted(99, 5, 5), 3, 3))
    write_folio(
        tmp_path / "a.folio", document.with_layers((stroke, *document.layers[1:])), encoded=encoded
    )
    assert first > 5
    assert encoded.encoded_count == first + 1


def test_folio_opened_and_saved_encodes_nothing_it_read(tmp_path: Path) -> None:
    plain = Document("", (paint_layer("a", 1), paint_layer("b", 2)))
    write_folio(tmp_path / "a.folio", plain)
    encoded = EncodedTiles()
    opened = read_folio(tmp_path / "a.folio", encoded=encoded).document
    write_folio(tmp_path / "b.folio", opened, encoded=encoded)
    assert encoded.encoded_count == 0
    assert (tmp_path / "a.folio").read_bytes() == (tmp_path / "b.folio").read_bytes()


def test_encoded_forgets_what_is_gone_and_what_is_too_much() -> None:
    encoded = EncodedTiles(budget_bytes=1)
    one, two = tiled(painted(1)), tiled(painted(2))
    box = Rect(0, 0, 60, 40)
    first = encoded.png(one, box)
    assert encoded.png(one, box) is first
    encoded.png(two, box)
    assert encoded.png(one, box) is not first
    identity = id(one)
    del one
    assert all(identity not in key[:-1] for key in encoded._kept)


def test_folio_save_keeps_the_last_five_versions(tmp_path: Path) -> None:
    backups, path = Backups(tmp_path / "backups"), tmp_path / "a.folio"
    for number in range(8):
        write_folio(path, Document(f"version {number}"), backups=backups)
    texts = [read_folio(version).document.text for version in backups.versions(path)]
    assert texts == [f"version {number}" for number in (6, 5, 4, 3, 2)]
    assert read_folio(path).document.text == "version 7"
    assert backups.versions(tmp_path / "elsewhere" / "a.folio") == []


def test_folio_save_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.folio"
    write_folio(path, Document("old"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.io.folio_writer.png_chunks", full)
    with pytest.raises(StorageError, match="The disk is full"):
        write_folio(path, Document("new"), backups=Backups(tmp_path / "backups"))
    assert read_folio(path).document.text == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.folio"]


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("height", [1, 255, 700])
def test_png_written_in_bands_is_read_as_it_was(channels: int, height: int) -> None:
    random = np.random.default_rng(height)
    shape = (height, 90) if channels == 1 else (height, 90, channels)
    pixels = random.integers(0, 256, shape, np.uint8)
    pixels[: height // 2] //= 64
    rows = [pixels[y : y + 256] for y in range(0, height, 256)]
    read = Image.open(io.BytesIO(encode_bands(90, height, channels, rows)))
    assert np.array_equal(np.asarray(read), pixels)


def test_png_with_rows_missing_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="3 rows were announced, 2 came"):
        encode_bands(4, 3, 4, [np.zeros((2, 4, 4), np.uint8)])
