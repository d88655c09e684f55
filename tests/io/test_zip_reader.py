"""Zip files that lie, hide, repeat or overflow are refused in words; nothing else ever comes out."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.api.errors import StorageError
from studio.io.xml_reader import XmlError, parse_xml
from studio.io.zip_reader import ZipReader


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return buffer.getvalue()


def _open(data: bytes) -> ZipReader:
    return ZipReader(io.BytesIO(data), "a.folio", kind="folio")


def _refused(data: bytes) -> str:
    with pytest.raises(StorageError) as caught:
        _open(data)
    assert caught.value.where == "a.folio"
    return str(caught.value)


def test_reader_whole_zip_gives_names_and_contents() -> None:
    with _open(_zip({"mimetype": b"x", "data/a.png": b"pixels"})) as read:
        assert read.names == ("mimetype", "data/a.png")
        assert "data/a.png" in read
        assert read.read("data/a.png", 100) == b"pixels"


def test_reader_name_with_a_slash_before_it_is_read_without() -> None:
    with _open(_zip({"/data/a.png": b"pixels"})) as read:
        assert read.read("data/a.png", 100) == b"pixels"


@pytest.mark.parametrize(
    "name",
    ["../out", "//etc/passwd", "/../x", "a/../../b", "C:/x", "a\\..\\b", "a//b", "./a", "data/.."],
)
def test_reader_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert "leads out of it" in _refused(_zip({name: b"x"}))


def test_reader_name_cut_by_a_nul_is_refused() -> None:
    data = _zip({"mimetypeXevil": b"x"}).replace(b"mimetypeX", b"mimetype\0")
    assert "leads out of it" in _refused(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["data/a.png", "Data/A.png"])
def test_reader_same_name_twice_is_refused(second: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("data/a.png", b"one")
        made.writestr(second, b"two")
    assert "two of its entries are called" in _refused(buffer.getvalue())


def test_reader_bomb_is_refused_by_what_it_claims() -> None:
    with (
        _open(_zip({"a": bytes(50_000_000)})) as read,
        pytest.raises(StorageError, match="would unpack to 50 MB"),
    ):
        read.read("a", 1_000_000)


def test_reader_bomb_that_lies_about_its_size_gives_no_more_than_it_claims() -> None:
    data = bytearray(_zip({"a": bytes(50_000_000)}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 1000)
    with _open(bytes(data)) as read, pytest.raises(StorageError, match="damaged"):
        read.read("a", 1_000_000)


def test_reader_overlapping_entries_are_refused() -> None:
    data = bytearray(_zip({"a": b"x" * 1000, "b": b"y" * 1000}, zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    assert "overlap" in _refused(bytes(data))


def test_reader_endless_list_of_contents_is_refused_before_it_is_read() -> None:
    data = bytearray(_zip({"a": b"x"}))
    at = data.index(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<L", 0xFFFFFFF0)
    assert "list of contents" in _refused(bytes(data))


def test_reader_too_many_entries_are_refused() -> None:
    data = bytearray(_zip({"a": b"x"}))
    at = data.index(b"PK\x05\x06")
    data[at + 10 : at + 12] = struct.pack("<H", 0xFFFE)
    assert "65534 entries" in _refused(bytes(data))


def test_reader_encrypted_entry_is_refused() -> None:
    data = bytearray(_zip({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in _refused(bytes(data))


def test_reader_unknown_packing_is_refused() -> None:
    data = _zip({"a": b"x" * 100}, zipfile.ZIP_LZMA)
    assert "unknown way" in _refused(data)


def test_reader_missing_entry_says_which() -> None:
    with (
        _open(_zip({"a": b"x"})) as read,
        pytest.raises(StorageError, match=r"stack\.xml is missing"),
    ):
        read.read("stack.xml", 10)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 99])
def test_reader_no_zip_is_refused(data: bytes) -> None:
    assert "isn't a whole zip file" in _refused(data)


def test_reader_truncated_anywhere_is_refused() -> None:
    data = _zip({"a": b"x" * 500, "b": b"y" * 500}, zipfile.ZIP_STORED)
    for cut in range(0, len(data), 37):
        _refused(data[:cut])


_WHOLE = _zip({"mimetype": b"image/openraster", "a": bytes(range(256)) * 8, "b": b"text" * 300})


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    st.integers(0, len(_WHOLE)),
)
def test_reader_damaged_bytes_only_ever_raise_storage_errors(
    changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(_WHOLE)
    for place, value in changes:
        data[place] = value
    for damaged in (bytes(data), bytes(data[:cut])):
        try:
            with _open(damaged) as read:
                for name in read.names:
                    try:
                        assert len(read.read(name, 4096)) <= 4096
                    except StorageError:
                        continue
        except StorageError:
            continue


def test_xml_gives_tags_attributes_and_order() -> None:
    root = parse_xml(b"<image w='3'><stack><layer name='a'/><layer name='b'/></stack></image>")
    assert root.tag == "image"
    assert root.attributes == {"w": "3"}
    assert [layer.attributes["name"] for layer in root.children[0].children] == ["a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<a>", b"<a></b>", b"\xff\xfe<", b"<a/><b/>", b"<" * 1000,
        b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>',
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<a>" * 100 + b"</a>" * 100,
        b"<a>" + b"<b/>" * 20_000 + b"</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)  # fmt: skip
def test_xml_nonsense_or_danger_is_refused(data: bytes) -> None:
    with pytest.raises(XmlError):
        parse_xml(data)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_xml_any_bytes_only_ever_raise_xml_errors(data: bytes) -> None:
    with contextlib.suppress(XmlError):
        parse_xml(b"<image><stack/></image>" + data)
