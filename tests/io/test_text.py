"""Texts are read whatever they are encoded in, and what is no text is refused."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api import StorageError
from studio.io.text import read_text_file

CHINESE = "从前有一座山,山里有一座庙,庙里有个老和尚。"


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "a.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("é 狐 😀".encode(), "é 狐 😀"),
        (codecs.BOM_UTF8 + "é".encode(), "é"),
        ("狐".encode("utf-16"), "狐"),
        (codecs.BOM_UTF16_BE + "狐".encode("utf-16-be"), "狐"),
        ("狐😀".encode("utf-32"), "狐😀"),
        (b"a\r\nb\rc\nd", "a\nb\nc\nd"),
    ],
)
def test_known_encodings_are_read_without_a_word(content: bytes, text: str, tmp_path: Path) -> None:
    read = read_text_file(_file(tmp_path, content))
    assert (read.text, read.notice) == (text, "")


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("Voilà l'élève naïf: «déjà» — fini", "cp1252", "Windows-1252"),
        ("Füße, Größe, Übermut", "cp1252", "Windows-1252"),
        (CHINESE, "gb18030", "GB 18030"),
        ("He said 你好 and left.", "gbk", "GB 18030"),
    ],
)
def test_old_encodings_are_guessed_and_said(
    text: str, encoding: str, named: str, tmp_path: Path
) -> None:
    read = read_text_file(_file(tmp_path, text.encode(encoding)))
    assert read.text == text
    assert named in read.notice
    assert "a.txt" in read.notice


@pytest.mark.parametrize(
    "content",
    [b"a\0b", b"\x89PNG\r\n\x1a\n", bytes(range(256)), codecs.BOM_UTF16_LE + b"\x00\xd8\x41"],
)
def test_what_is_no_text_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no text") as caught:
        read_text_file(_file(tmp_path, content))
    assert caught.value.remedy


def test_too_large_missing_and_folder_are_said(tmp_path: Path) -> None:
    path = _file(tmp_path, b"x" * 101)
    assert read_text_file(path, limit_bytes=101).text == "x" * 101
    with pytest.raises(StorageError, match="too large"):
        read_text_file(path, limit_bytes=100)
    with pytest.raises(StorageError, match="No such file"):
        read_text_file(tmp_path / "nowhere")
    with pytest.raises(StorageError, match="not a file"):
        read_text_file(tmp_path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        read = read_text_file(_file(tmp_path, content))
    except StorageError:
        return
    assert "\r" not in read.text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"])))
def test_every_text_comes_back(tmp_path: Path, text: str) -> None:
    assert read_text_file(_file(tmp_path, text.encode())).text == text
