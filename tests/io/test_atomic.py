"""A file is whole or not there, whatever goes wrong, and what went wrong is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from studio.api import StorageError
from studio.io.atomic import atomic_path, make_folder, storage_error, write_bytes, write_text
from tests.support.full_disk import files_limited_to, fill_disk


def test_write_refuses_to_overwrite_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "one – 狐")
    with pytest.raises(StorageError, match="already") as caught:
        write_text(path, "two")
    assert caught.value.where == str(path)
    assert path.read_text(encoding="utf-8") == "one – 狐"
    write_text(path, "two", force=True)
    assert path.read_text() == "two"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def write() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("ours")
            path.write_text("theirs")

    with pytest.raises(StorageError, match="already"):
        write()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "theirs")]


def test_disk_without_links_is_written_and_protected_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    write_text(tmp_path / "a", "one")
    assert (tmp_path / "a").read_text() == "one"

    def write_late() -> None:
        with atomic_path(tmp_path / "b") as temporary:
            temporary.write_text("ours")
            (tmp_path / "b").write_text("theirs")

    with pytest.raises(StorageError, match="already"):
        write_late()
    assert (tmp_path / "b").read_text() == "theirs"


def test_failing_block_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_path(path, force=True) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    with pytest.raises(StorageError, match="disk is full") as caught:
        write_bytes(tmp_path / "a", b"x" * 100)
    assert "Free some space" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_write_stopped_half_way_by_the_system_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with (
        files_limited_to(10_000),
        pytest.raises(StorageError, match="larger than this system allows"),
    ):
        write_bytes(path, b"x" * 50_000, force=True)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"old")]


@pytest.mark.parametrize(
    ("place", "said"),
    [("no/a", "folder doesn't exist"), ("file/a", "a file, not a folder"), ("x" * 300, "too long")],
)
def test_place_that_cannot_be_written_is_said(place: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=said) as caught:
        write_bytes(tmp_path / place, b"")
    assert caught.value.remedy


def test_folder_in_the_files_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="folder of that name"):
        write_bytes(tmp_path / "a", b"", force=True)


def test_name_as_long_as_the_system_allows_is_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("x" * 255), b"long")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"long"


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_forced_write_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    write_text(link, "new", force=True)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o600


def test_text_that_is_no_unicode_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "before \udcff after")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "before ? after"


def test_make_folder_is_said_when_a_file_is_in_the_way(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file where a folder"):
        make_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EACCES, "Permission denied"), "permission is missing"),
        (OSError(errno.EROFS, "Read-only"), "only be read"),
        (OSError(errno.EIO, "I/O error"), "reports a fault"),
        (OSError(errno.EBUSY, "Device or resource busy"), "Device or resource busy"),
        (OSError("of a library's own"), "of a library's own"),
        (OSError(), "OSError"),
    ],
)
def test_errors_of_the_system_become_words(error: OSError, said: str) -> None:
    assert said in storage_error(error, Path("a")).what
