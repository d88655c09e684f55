"""The model store and the history: nothing lost, nothing half-written, clear words."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from studio.api import (
    ImageOutput,
    Latent,
    LatentOutput,
    ModelError,
    ModelFacts,
    StorageError,
    TextOutput,
)
from studio.core.records import Record
from studio.io.images import read_png_record
from studio.library.history import History
from studio.library.models import ModelStore
from studio.library.starters import starter_models


def _recognise(path: Path) -> ModelFacts | None:
    if path.is_file() and path.read_bytes().startswith(b"toy"):
        return ModelFacts(family="toy", format="toy")
    return None


def _store(folder: Path, *starters: Path) -> ModelStore:
    folder.mkdir(exist_ok=True)
    return ModelStore(folder, recognise=_recognise, starters=starters)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "My Model (v1).toy"
    path.write_bytes(b"toy weights")
    return path


def test_add_lists_with_a_readable_id_and_survives_a_restart(tmp_path: Path, weights: Path) -> None:
    info = _store(tmp_path / "store").add(weights)
    assert info.id == "my-model-v1"
    assert len(info.content_hash) == 64
    again = _store(tmp_path / "store")
    assert again.all("toy") == [info]
    assert again.get("my-mo") == info
    assert again.add(weights) == info


def test_add_something_else_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(ModelError, match="pickle"):
        _store(tmp_path / "store").add(path)
    with pytest.raises(ModelError, match="no such file"):
        _store(tmp_path / "store").add(tmp_path / "nowhere")


def test_moved_model_is_said_when_used(tmp_path: Path, weights: Path) -> None:
    store = _store(tmp_path / "store")
    info = store.add(weights)
    weights.unlink()
    with pytest.raises(ModelError, match="moved or deleted"):
        store.get(info.id)


def test_best_prefers_the_persons_own_and_says_how_to_add(tmp_path: Path, weights: Path) -> None:
    starter = tmp_path / "starter.toy"
    starter.write_bytes(b"toy starter")
    store = _store(tmp_path / "store", starter)
    assert store.best("toy").starter
    store.add(weights)
    assert store.best("toy").id == "my-model-v1"
    with pytest.raises(ModelError, match="studio models add"):
        store.best("gan")


def test_copy_is_used_without_the_original_and_removed_with_the_entry(
    tmp_path: Path, weights: Path
) -> None:
    store = _store(tmp_path / "store")
    info = store.add(weights, copy=True)
    weights.unlink()
    assert store.get(info.id).path.read_bytes() == b"toy weights"
    store.remove(info.id)
    assert not info.path.exists()


def test_verify_sees_a_changed_file(tmp_path: Path, weights: Path) -> None:
    store = _store(tmp_path / "store")
    info = store.add(weights)
    assert store.verify(info.id) == []
    weights.write_bytes(b"toy weightz")
    assert "not what it was" in store.verify(info.id)[0]


def test_damaged_register_is_begun_anew(tmp_path: Path, weights: Path) -> None:
    store = _store(tmp_path / "store")
    (tmp_path / "store" / "models.json").write_text("[{]")
    assert store.add(weights).id == "my-model-v1"


def test_of_two_starters_the_one_given_first_is_the_best(tmp_path: Path) -> None:
    whole, draft, own = (tmp_path / f"{name}.toy" for name in ("whole", "draft", "own"))
    for path in (whole, draft, own):
        path.write_bytes(b"toy " + path.name.encode())
    store = _store(tmp_path / "store", whole, draft)
    assert [info.id for info in store.all("toy")] == ["whole", "draft"]
    assert store.best("toy").id == "whole"
    store.add(own)
    assert [info.id for info in store.all("toy")] == ["own", "whole", "draft"]


def test_language_starter_is_found_in_its_wheel() -> None:
    assert any(path.suffix == ".gguf" for path in starter_models())


def _record(prompt: str = "a fox") -> Record:
    return Record(
        generator_id="toy.paint", generator_version="1", params={"prompt": prompt}, seed=1
    )


def _image(value: int = 0) -> ImageOutput:
    return ImageOutput(np.full((20, 30, 4), value, np.uint8), seed=1)


def test_history_keeps_pixels_text_and_latents(tmp_path: Path) -> None:
    history = History(tmp_path)
    image = history.add(_image(7), _record())
    text = history.add(TextOutput("Once upon a time"), _record())
    latent = history.add(
        LatentOutput({"w": np.ones((2, 3), np.float32)}, "toy.w", _image(9).pixels), _record()
    )
    assert [item.kind for item in history.items()] == ["latent", "text", "image"]
    assert (history.pixels(image) == 7).all()
    assert (image.width_px, image.height_px) == (30, 20)
    assert history.text(text) == "Once upon a time"
    assert text.excerpt == "Once upon a time"
    assert (history.pixels(latent) == 9).all()
    assert (history.latent(latent).arrays["w"] == 1).all()
    assert history.thumbnail(image) is not None
    assert history.thumbnail(text) is None


def test_history_survives_a_restart_and_tells_who_listens(tmp_path: Path) -> None:
    history = History(tmp_path)
    heard: list[str] = []
    history.added.connect(lambda item: heard.append(item.id))
    item = history.add(_image(), _record())
    assert heard == [item.id]
    history.close()
    assert History(tmp_path).get(item.id[:8]) == item


def test_history_search_finds_every_word_and_takes_signs_literally(tmp_path: Path) -> None:
    history = History(tmp_path)
    fox = history.add(_image(), _record("a red FOX, 100%_sure"))
    history.add(_image(1), _record("a blue whale"))
    assert [i.id for i in history.items(query="fox red")] == [fox.id]
    assert [i.id for i in history.items(query="100%_")] == [fox.id]
    assert history.items(query="0%x") == []


def test_history_pages_and_filters(tmp_path: Path) -> None:
    history = History(tmp_path)
    ids = [history.add(_image(n), _record()).id for n in range(5)]
    page = history.items(limit=2)
    assert [i.id for i in page] == [ids[4], ids[3]]
    assert [i.id for i in history.items(limit=2, before=page[-1].id)] == [ids[2], ids[1]]
    assert history.items(kind="text") == []


def test_export_carries_the_record_and_never_overwrites(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    item = history.add(_image(), _record())
    path = history.export(item, tmp_path / "out.png")
    assert read_png_record(path.read_bytes()) == item.record
    with pytest.raises(StorageError, match="already"):
        history.export(item, path)
    assert history.export(item, tmp_path).suffix == ".png"


def test_rate_and_remove(tmp_path: Path) -> None:
    history = History(tmp_path)
    item = history.add(_image(), _record())
    history.rate(item.id, 4)
    assert history.get(item.id).rating == 4
    history.remove(item.id)
    with pytest.raises(StorageError, match="no such item"):
        history.get(item.id)


def test_full_disk_leaves_no_item_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    history.items()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        history.add(_image(), _record())
    assert history.items() == []
    assert not list(tmp_path.rglob("*.part"))


def test_damaged_database_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").write_bytes(b"this is no database at all" * 100)
    history = History(tmp_path)
    assert history.items() == []
    assert history.add(_image(), _record())
    assert (tmp_path / "history.damaged").exists()


def test_damaged_blob_is_said(tmp_path: Path) -> None:
    history = History(tmp_path)
    item = history.add(TextOutput("hello"), _record())
    (path,) = list((tmp_path / "blobs").rglob(item.blob_id))
    path.write_bytes(b"jello")
    with pytest.raises(StorageError, match="damaged"):
        history.text(item)


def test_many_threads_add_at_once(tmp_path: Path) -> None:
    history = History(tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: [history.add(_image(n), _record()) for _ in range(5)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(history.items()) == 20


def test_inputs_come_back_as_they_were(tmp_path: Path) -> None:
    history = History(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 255, (9, 4, 4), np.uint8)
    np.testing.assert_array_equal(history.read_picture(history.put_input(pixels)), pixels)
    given = Latent({"w": np.ones((2, 3), np.float32)}, "toy.w", "hash")
    latent = history.read_input(history.put_input(given))
    assert isinstance(latent, Latent)
    assert (latent.layout, latent.model_hash) == ("toy.w", "hash")
    np.testing.assert_array_equal(latent.arrays["w"], given.arrays["w"])
