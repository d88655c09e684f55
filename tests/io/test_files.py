"""Files are whole or not there; settings survive damage; pictures are read bounded and upright."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.api import StorageError
from studio.core.records import Record
from studio.core.settings import Settings
from studio.io.atomic import atomic_path, write_bytes, write_text
from studio.io.executor import IoExecutor
from studio.io.images import decode_image, encode_png, read_image, read_png_record, thumbnail_png
from studio.io.paths import Paths, user_paths
from studio.io.settings_file import SettingsFile


def test_write_refuses_to_overwrite_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "one")
    with pytest.raises(StorageError, match="already"):
        write_text(path, "two")
    assert path.read_text() == "one"
    write_text(path, "two", force=True)
    assert path.read_text() == "two"


def test_failing_block_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_path(path, force=True) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        write_bytes(tmp_path / "a", b"x" * 100)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="folder doesn't exist"):
        write_bytes(tmp_path / "no" / "a", b"")


def test_paths_that_cannot_be_made_say_which(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = Paths(tmp_path / "file" / "config", tmp_path / "data", tmp_path / "cache")
    with pytest.raises(StorageError, match="FOLIO_HOME") as caught:
        blocked.make()
    assert "config" in caught.value.where


def test_user_paths_follow_folio_home(folio_home: Path) -> None:
    assert user_paths().data == folio_home / "data"


def test_settings_round_trip(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "deep" / "settings.json")
    file.save(Settings(theme="dark", disabled_plugins=("a",)))
    assert file.load() == (Settings(theme="dark", disabled_plugins=("a",)), [])


def test_settings_bad_values_are_dropped_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "dark", "engine": "steam", "colour": 1}')
    settings, problems = SettingsFile(path).load()
    assert settings == Settings(theme="dark")
    assert [
        word in problem for word, problem in zip(("engine", "colour"), problems, strict=True)
    ] == [True] * 2


def test_settings_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{nonsense")
    settings, problems = SettingsFile(path).load()
    assert settings == Settings()
    assert "damaged" in problems[0]
    assert (tmp_path / "settings.damaged.json").read_text() == "{nonsense"


def _png(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_decode_every_mode_gives_rgba(mode: str) -> None:
    image = (
        Image.new("L", (5, 3), 255).convert(mode)
        if mode != "I;16"
        else Image.new("I;16", (5, 3), 65535)
    )
    pixels = decode_image(_png(image))
    assert pixels.shape == (3, 5, 4)
    assert pixels[0, 0].tolist() == [255, 255, 255, 255]


def test_decode_turns_by_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.jpg"
    Image.new("RGB", (10, 20), "red").save(path, exif=exif)
    assert read_image(path).shape == (10, 20, 4)


def test_decode_huge_claim_is_refused_before_decoding() -> None:
    data = bytearray(_png(Image.new("L", (1, 1))))
    data[16:24] = (100_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(StorageError, match="million"):
        decode_image(bytes(data))


def test_decode_truncated_and_foreign_are_said() -> None:
    data = _png(Image.effect_noise((200, 200), 50))
    with pytest.raises(StorageError, match="damaged"):
        decode_image(data[: len(data) // 2])
    with pytest.raises(StorageError, match="not a picture"):
        decode_image(b"hello")


def test_png_carries_its_record() -> None:
    record = Record(
        generator_id="images.create",
        generator_version="1",
        params={"prompt": "a fox – 狐", "steps": 4},
        seed=9,
    )
    pixels = np.random.default_rng(0).integers(0, 255, (7, 5, 4), np.uint8)
    data = encode_png(pixels, record)
    assert read_png_record(data) == record
    np.testing.assert_array_equal(decode_image(data), pixels)
    with Image.open(io.BytesIO(data)) as image:
        assert "a fox – 狐" in image.info["parameters"]
        assert "Seed: 9" in image.info["parameters"]


def test_thumbnail_keeps_the_proportion() -> None:
    small = decode_image(thumbnail_png(np.zeros((100, 400, 4), np.uint8), 64))
    assert small.shape == (16, 64, 4)


def test_executor_returns_and_raises_into_the_coroutine() -> None:
    async def main() -> None:
        executor = IoExecutor()
        assert await executor.run(sum, [1, 2]) == 3
        with pytest.raises(ZeroDivisionError):
            await executor.run(divmod, 1, 0)
        executor.stop()
        executor.stop()

    asyncio.run(main())
