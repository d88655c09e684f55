"""Latents and films in the history: shown as pictures, exported as either, and old databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from studio.api import (
    Alternative,
    FileOutput,
    ImageOutput,
    Latent,
    LatentOutput,
    StorageError,
    TextOutput,
    TokenFact,
)
from studio.core.records import ModelUse, Record
from studio.io.images import read_image, read_png_record
from studio.io.latents import read_latent
from studio.io.video import open_video
from studio.library.history import History, suffix_of

RECORD = Record(
    generator_id="toy.face",
    generator_version="1",
    params={"face": "f" * 64, "note": "a fox"},
    seed=1,
    inputs={"face": ("f" * 64,)},
    models={"model": ModelUse(id="toy", content_hash="abc")},
)


def _latent(model_hash: str = "") -> LatentOutput:
    pixels = np.full((20, 30, 3), 9, np.uint8)
    w = np.arange(6, dtype=np.float32)
    return LatentOutput({"w": w}, "toy.w", pixels, seed=1, model_hash=model_hash)


def _film(folder: Path) -> FileOutput:
    with open_video(folder, "film", 32, 16, 10, "gif") as film:
        for value in (10, 200):
            film.add(np.full((16, 32, 3), value, np.uint8))
    return film.output(seed=1)


def test_latent_is_shown_as_its_picture_and_read_as_latent(tmp_path: Path) -> None:
    history = History(tmp_path)
    item = history.add(_latent(), RECORD)
    assert (item.kind, item.width_px, item.height_px) == ("latent", 30, 20)
    assert (history.pixels(item)[..., :3] == 9).all()
    assert history.thumbnail(item) is not None
    latent = history.latent(item)
    assert (latent.layout, latent.model_hash) == ("toy.w", "abc")
    assert history.get(item.id) == item
    assert history.is_latent(item.blob_id)
    assert not history.is_latent(item.picture_id)
    assert isinstance(history.read_input(item.blob_id), Latent)
    assert history.latent(history.add(_latent("own"), RECORD)).model_hash == "own"


def test_latent_is_exported_by_the_suffix(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    item = history.add(_latent(), RECORD)
    assert suffix_of(item) == ".png"
    picture = history.export(item, tmp_path / "a.png")
    assert read_png_record(picture.read_bytes()) == RECORD
    assert read_image(picture).shape == (20, 30, 4)
    latent = read_latent(history.export(item, tmp_path / "a.safetensors"))
    np.testing.assert_array_equal(latent.arrays["w"], np.arange(6))
    assert history.export(item, tmp_path).suffix == ".png"


def test_same_latent_has_the_same_blob(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.add(_latent(), RECORD).blob_id == history.add(_latent(), RECORD).blob_id


def test_film_shows_its_first_frame_and_is_exported_whole(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    film = _film(tmp_path)
    item = history.add(film, RECORD)
    assert (item.kind, item.media_type, suffix_of(item)) == ("video", "image/gif", ".gif")
    assert history.pixels(item)[0, 0].tolist() == [10, 10, 10, 255]
    out = history.export(item, tmp_path / "out.gif")
    assert out.read_bytes() == film.path.read_bytes()


def test_film_goes_in_and_out_without_being_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = _film(tmp_path)
    history = History(tmp_path / "history")

    def forbidden(path: Path) -> bytes:
        raise AssertionError(f"read at once: {path}")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    item = history.add(film, RECORD)
    history.export(item, tmp_path / "out.gif")


def test_what_is_no_latent_is_not_read_as_one(tmp_path: Path) -> None:
    history = History(tmp_path)
    item = history.add(TextOutput("hello"), RECORD)
    with pytest.raises(StorageError, match="no latent: it is a text"):
        history.latent(item)
    with pytest.raises(StorageError, match="has no picture"):
        history.pixels(item)
    with pytest.raises(StorageError, match="not in the history"):
        history.read_input("0" * 64)


def test_damaged_latent_and_film_are_said(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    latent, film = history.add(_latent(), RECORD), history.add(_film(tmp_path), RECORD)
    for item in (latent, film):
        (path,) = (tmp_path / "history" / "blobs").rglob(item.blob_id)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(StorageError, match="damaged"):
        history.latent(latent)
    with pytest.raises(StorageError, match="damaged"):
        history.export(film, tmp_path / "out.gif")
    assert not (tmp_path / "out.gif").exists()


def test_search_does_not_find_the_ids_of_inputs(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(_latent(), RECORD)
    assert len(history.items(query="fox")) == 1
    assert history.items(query="ffff") == []


def test_database_of_an_older_version_is_brought_up_to_this_one(tmp_path: Path) -> None:
    history = History(tmp_path)
    image = history.add(ImageOutput(np.full((4, 4, 3), 7, np.uint8)), RECORD)
    history.close()
    with sqlite3.connect(tmp_path / "history.sqlite") as database:
        old = RECORD.model_dump_json().replace('["' + "f" * 64 + '"]', '"' + "f" * 64 + '"')
        database.execute("UPDATE items SET record = ?", (old,))
        database.execute("ALTER TABLE items DROP COLUMN picture_id")
        database.execute("ALTER TABLE items DROP COLUMN token_facts_id")
    database.close()
    history = History(tmp_path)
    item = history.get(image.id)
    assert item == image
    assert history.pixels(item)[0, 0, 0] == 7
    assert history.add(_latent(), RECORD).picture_id
    history.close()
    assert [item.kind for item in History(tmp_path).items()] == ["latent", "image"]


def test_what_is_known_of_a_texts_tokens_is_kept_beside_it(tmp_path: Path) -> None:
    history = History(tmp_path)
    others = (Alternative("b", -0.25), Alternative("前", -3.5))
    facts = (TokenFact("a", None), TokenFact("前 ", -1.5, others, 3))
    item = history.add(TextOutput("a前 ", token_facts=facts), RECORD)
    assert history.token_facts(history.get(item.id)) == facts
    assert history.text(item) == "a前 "
    plain = history.add(TextOutput("a"), RECORD)
    assert (plain.token_facts_id, history.token_facts(plain)) == ("", ())


def test_tokens_that_are_not_the_text_are_refused() -> None:
    with pytest.raises(ValueError, match="must be the text"):
        TextOutput("ab", token_facts=(TokenFact("a", -1.0),))


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.jpg"])
def test_export_under_a_name_that_would_lie_is_refused(name: str, tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    with pytest.raises(StorageError, match="not written as") as caught:
        history.export(history.add(_latent(), RECORD), tmp_path / name)
    assert "a.png or a.safetensors" in caught.value.remedy
    assert not (tmp_path / name).exists()
    film = history.add(_film(tmp_path), RECORD)
    if name != "a.gif":
        with pytest.raises(StorageError, match=r"Call it a\.gif"):
            history.export(film, tmp_path / name)
    assert history.export(film, tmp_path / "bare").name == "bare.gif"
    text = history.add(TextOutput("hello"), RECORD)
    assert history.export(text, tmp_path / f"{name}.txt").read_text() == "hello"
