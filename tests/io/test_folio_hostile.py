"""Folios that are damaged, lie, or come from the future are refused in words, with bounded memory."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.io.folio_reader import read_folio
from studio.io.folio_schema import FORMAT, FormatError, read_data
from studio.io.folio_writer import write_folio
from tests.support.folios import paint_layer, rich_document

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("folio") / "a.folio"
    write_folio(path, rich_document(), records={"r1": "{}"})
    with zipfile.ZipFile(path) as made:
        return {name: made.read(name) for name in made.namelist()}


def _written(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return path


def _refused(path: Path, memory_bytes: int | None = None) -> str:
    with pytest.raises(StorageError) as caught:
        read_folio(path, memory_bytes=memory_bytes)
    assert caught.value.where == str(path)
    return str(caught.value)


def _changed(entries: dict[str, bytes], change: Change) -> dict[str, bytes]:
    document = json.loads(entries["folio/document.json"])
    change(document)
    return {**entries, "folio/document.json": json.dumps(document).encode()}


def test_hostile_wrong_mimetype_is_refused(tmp_path: Path, entries: dict[str, bytes]) -> None:
    said = _refused(_written(tmp_path / "a", {**entries, "mimetype": b"application/epub+zip"}))
    assert "application/epub+zip" in said


def test_hostile_missing_mimetype_is_refused(tmp_path: Path, entries: dict[str, bytes]) -> None:
    rest = {name: data for name, data in entries.items() if name != "mimetype"}
    assert "mimetype is missing" in _refused(_written(tmp_path / "a", rest))


@pytest.mark.parametrize("found", [FORMAT + 1, 999])
def test_hostile_newer_format_says_to_update(
    tmp_path: Path, entries: dict[str, bytes], found: int
) -> None:
    path = _written(tmp_path / "a", _changed(entries, lambda data: data.update(format=found)))
    said = _refused(path)
    assert f"format {found}" in said
    assert "Update Folio" in said


@pytest.mark.parametrize("found", [0, -1, "1", None, 1.5, True])
def test_hostile_format_without_a_number_is_refused(
    tmp_path: Path, entries: dict[str, bytes], found: object
) -> None:
    path = _written(tmp_path / "a", _changed(entries, lambda data: data.update(format=found)))
    assert "its format has no number" in _refused(path)


def test_format_older_is_migrated_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.io.folio_schema.FORMAT", 3)
    steps = {
        1: lambda data: {**data, "canvas": [data["width"], 4]},
        2: lambda data: {"width_px": data["canvas"][0], "height_px": data["canvas"][1]},
    }
    read = read_data(b'{"format": 1, "width": 7}', steps)
    assert (read.width_px, read.height_px) == (7, 4)
    with pytest.raises(FormatError, match="reads up to 3"):
        read_data(b'{"format": 4}')


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["layers"][0].update(opacity=2),
        lambda d: d["layers"][0].update(opacity=float("nan")),
        lambda d: d["layers"][0].update(x=1 << 40),
        lambda d: d["layers"][0].update(kind="smart"),
        lambda d: d["layers"][0].update(blend_mode="sparkle"),
        lambda d: d["layers"][0].update(id=d["layers"][1]["id"]),
        lambda d: d["layers"][0]["pieces"][0].update(src="../../etc/passwd"),
        lambda d: d["layers"][0]["pieces"][0].update(src="folio/text.md"),
        lambda d: d["layers"][0]["pieces"][0].update(src="data/none.png"),
        lambda d: d.update(layers="many"),
        lambda d: d.update(width_px=-5),
        lambda d: d.update(background={"note_depth": -1}),
        lambda d: d.update(guides=[{"axis": "z", "at_px": 3}]),
        lambda d: d.update(guides=[{"axis": "x", "at_px": 1 << 40}]),
        lambda d: d.update(guides=[{"axis": "x", "at_px": 1}] * 10_001),
    ],
)
def test_hostile_value_is_refused(
    tmp_path: Path, entries: dict[str, bytes], change: Change
) -> None:
    assert "damaged" in _refused(_written(tmp_path / "a", _changed(entries, change)))


def test_hostile_endless_groups_are_refused(tmp_path: Path, entries: dict[str, bytes]) -> None:
    deep = b'{"kind":"group","id":"a","layers":[' * 5000 + b"]}" * 5000
    document = b'{"format":1,"layers":[' + deep + b"]}"
    assert "damaged" in _refused(
        _written(tmp_path / "a", {**entries, "folio/document.json": document})
    )


def _png_of_size(width: int, height: int, png: bytes) -> bytes:
    import zlib

    head = b"IHDR" + struct.pack(">2L", width, height) + png[24:29]
    return png[:12] + head + struct.pack(">L", zlib.crc32(head)) + png[33:]


def test_hostile_picture_that_claims_100_megapixels_is_refused(
    tmp_path: Path, entries: dict[str, bytes]
) -> None:
    claims = _png_of_size(10_000, 10_000, entries["data/000.png"])
    said = _refused(_written(tmp_path / "a", {**entries, "data/000.png": claims}))
    assert "claims 10000 × 10000 pixels" in said


def test_hostile_pictures_that_together_need_too_much_memory_are_refused(
    tmp_path: Path, entries: dict[str, bytes]
) -> None:
    path = _written(tmp_path / "a", entries)
    assert "need more memory" in _refused(path, memory_bytes=40_000)
    assert read_folio(path, memory_bytes=400_000).document.layers


def test_hostile_claimed_picture_is_counted_before_it_is_unpacked(
    tmp_path: Path, entries: dict[str, bytes]
) -> None:
    claims = _png_of_size(8000, 8000, entries["data/000.png"])
    path = _written(tmp_path / "a", {**entries, "data/000.png": claims})
    assert "need more memory" in _refused(path, memory_bytes=100_000_000)


def test_hostile_openraster_with_a_document_type_is_refused(
    tmp_path: Path, entries: dict[str, bytes]
) -> None:
    bomb = (
        b'<!DOCTYPE i [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><image w="1" h="1"><stack/></image>'
    )
    plain = {name: data for name, data in entries.items() if not name.startswith("folio/")}
    assert "document type" in _refused(_written(tmp_path / "a", {**plain, "stack.xml": bomb}))


@pytest.mark.parametrize(
    "stack",
    [
        b"<image/>", b"<other w='1' h='1'><stack/></other>", b"<image w='0' h='1'><stack/></image>",
        b"<image w='9' h='9'><stack><layer/></stack></image>",
        b"<image w='9' h='9'><stack><layer src='data/000.png' x='1e30'/></stack></image>",
        b"<image w='9' h='9'><stack><layer src='data/000.png' opacity='nan'/></stack></image>",
        b"<image w='9' h='9'><stack><layer src='/etc/passwd'/></stack></image>",
        b"<image w='9' h='9'>" + b"<stack>" * 80 + b"</stack>" * 80 + b"</image>",
    ],
)  # fmt: skip
def test_hostile_stack_is_refused(tmp_path: Path, entries: dict[str, bytes], stack: bytes) -> None:
    plain = {name: data for name, data in entries.items() if not name.startswith("folio/")}
    assert "damaged" in _refused(_written(tmp_path / "a", {**plain, "stack.xml": stack}))


def test_hostile_folder_or_missing_file_is_refused(tmp_path: Path) -> None:
    assert "not a folio" in _refused(tmp_path)
    assert "can't be read" in _refused(tmp_path / "none")


def test_hostile_flipped_or_cut_folio_only_ever_raises_storage_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.folio"
    write_folio(path, Document("words", (paint_layer("a", 1),)))
    whole = path.read_bytes()

    @settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(whole) - 1), st.integers(1, 255), st.booleans())
    def damage(place: int, value: int, cut: bool) -> None:
        damaged = bytearray(whole)
        damaged[place] ^= value
        path.write_bytes(whole[:place] if cut else damaged)
        try:
            opened = read_folio(path).document
        except StorageError:
            return
        # Some bytes mean nothing, such as those of the thumbnail; then all the rest is there.
        assert opened.text == "words"
        assert len(opened.layers) == 1

    damage()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_hostile_any_value_anywhere_in_the_document_only_raises_format_errors(
    data: st.DataObject,
) -> None:
    document: dict[str, Any] = {
        "format": 1, "width_px": 9, "height_px": 9, "selection": {"pieces": [], "fill": 0},
        "layers": [{"kind": "text", "id": "a", "style": {"size_px": 3},
                    "mask": {"pieces": [{"src": "a", "x": 1, "y": 2}]}}],
    }  # fmt: skip
    at: Any = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(_JSON)
            break
        at = at[key]
    try:
        read = read_data(json.dumps(document).encode())
    except FormatError:
        return
    assert read.format == FORMAT


def test_hostile_file_is_read_without_writing_anything(
    tmp_path: Path, entries: dict[str, bytes]
) -> None:
    path = _written(tmp_path / "a", {**entries, "../escaped": b"x"})
    _refused(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
    assert not (tmp_path.parent / "escaped").exists()
    assert io.BytesIO(path.read_bytes()).read(2) == b"PK"
