"""Latents, films, sliders and several inputs on the command line, with the toy faces."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from studio.api.weights import read_safetensors_header
from studio.io.images import read_image, read_png_record
from studio.io.latents import read_latent
from studio.library.history import History
from tests.cli.conftest import Said
from tests.support import toy_faces

Cli = Callable[..., Said]


@pytest.fixture
def faces(cli: Cli, home: Path, tmp_path: Path) -> Cli:
    (home / "data" / "plugins" / "faces.py").write_text(Path(toy_faces.__file__).read_text())
    assert cli("models", "add", toy_faces.write_model(tmp_path / "plain.face")).code == 0
    return cli


def _sample(faces: Cli, seed: int = 1) -> str:
    assert faces("generate", "face.sample", "--seed", str(seed), "--quiet").code == 0
    return str(_newest(faces)["id"])


def _newest(faces: Cli) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(faces("history", "list", "--limit", "1", "--json").out)
    return line


def test_latent_goes_to_a_file_as_picture_with_its_record_or_as_latent(
    faces: Cli, tmp_path: Path
) -> None:
    for name in ("a.png", "a.safetensors"):
        done = faces("generate", "face.sample", "--seed", "4", "-o", tmp_path / name)
        assert done.code == 0, done.err
    record = read_png_record((tmp_path / "a.png").read_bytes())
    assert record is not None
    latent = read_latent(tmp_path / "a.safetensors")
    assert latent.layout == toy_faces.LAYOUT
    assert latent.model_hash == record.models["model"].content_hash
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.png")[..., :3], toy_faces.face_of(latent.arrays["w"])
    )
    refused = faces("generate", "face.sample", "-o", tmp_path / "b.mp4")
    assert refused.code == 2
    assert "b.png or b.safetensors" in refused.err


def test_edit_takes_a_latent_of_the_history_or_of_a_file_and_sliders(
    faces: Cli, tmp_path: Path
) -> None:
    face = _sample(faces)
    file = tmp_path / "face.safetensors"
    assert faces("history", "export", face, file).code == 0
    before = read_latent(file).arrays["w"]
    for number, source in enumerate((f"history:{face[:8]}", file)):
        out = tmp_path / f"{number}.safetensors"
        done = faces(
            "generate", "face.edit", "--input", f"face={source}",
            "--set", "directions=smile=1.5,light=-1", "-o", out,
        )  # fmt: skip
        assert done.code == 0, done.err
        moved = read_latent(out).arrays["w"] - before
        np.testing.assert_allclose(moved, [1.5, 0, -1], atol=1e-6)


def test_edit_picks_the_model_that_the_latent_belongs_to(faces: Cli, tmp_path: Path) -> None:
    face = _sample(faces)
    assert faces("models", "add", toy_faces.write_model(tmp_path / "other.face", "other")).code == 0
    assert faces("models", "add", toy_faces.write_model(tmp_path / "third.face", "third")).code == 0
    assert faces("generate", "face.edit", "--input", f"face=history:{face}").code == 0
    assert _newest(faces)["record"]["params"]["model"] == "plain"


@pytest.mark.parametrize(
    ("suffix", "magic"),
    [(".mp4", b"ftyp"), (".gif", b"GIF89a"), (".webp", b"WEBP"), (".zip", b"00001.png")],
)
def test_walk_writes_the_film_that_the_name_asks_for(
    suffix: str, magic: bytes, faces: Cli, tmp_path: Path
) -> None:
    first, second = _sample(faces, 1), _sample(faces, 2)
    inputs = ["--input", f"faces=history:{first}", "--input", f"faces=history:{second}"]
    out = tmp_path / f"walk{suffix}"
    order = ["generate", "face.walk", *inputs, "-o", out]
    done = faces(*order)
    assert done.code == 0, done.err
    assert magic in out.read_bytes()[:64]
    record = _newest(faces)["record"]
    assert len(record["inputs"]["faces"]) == 2
    assert record["extras"]["frames"] == 6
    assert faces(*order).code == 1
    assert faces(*order, "--force").code == 0


def test_walk_named_otherwise_than_its_format_is_refused(faces: Cli, tmp_path: Path) -> None:
    first = _sample(faces)
    inputs = ["--input", f"faces=history:{first}"] * 2
    order = ["generate", "face.walk", *inputs]
    said = faces(*order, "--set", "format=gif", "-o", tmp_path / "walk.mp4")
    assert said.code == 2
    assert "walk.gif" in said.err
    assert faces(*order, "-o", tmp_path / "walk.avi").code == 2
    assert faces(*order, "--set", "format=gif", "-o", tmp_path / "walk").code == 0
    assert (tmp_path / "walk.gif").exists()


def test_join_takes_pictures_in_their_order_of_any_kind_of_result(
    faces: Cli, tmp_path: Path
) -> None:
    face = _sample(faces)
    Image.new("CMYK", (5, 5), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    Image.fromarray(np.full((9, 9), 65535, np.uint16)).save(tmp_path / "white.png")
    out = tmp_path / "joined.png"
    done = faces(
        "generate", "face.join", "--input", f"pictures={tmp_path / 'red.jpg'}",
        "--input", f"pictures=history:{face}", "--input", f"pictures={tmp_path / 'white.png'}",
        "-o", out,
    )  # fmt: skip
    assert done.code == 0, done.err
    joined = read_image(out)
    assert joined.shape == (4, 12, 4)
    assert joined[0, 0, 0] > 200
    assert joined[0, 0, 1] < 80
    assert joined[0, 11].tolist() == [255] * 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["face.join", "--input", "pictures={png}"], 2, "2 to 4 are needed, and 1 given"),
        (["face.edit"], 2, "face"),
        (["face.edit", "--input", "face={png}"], 2, "only a picture"),
        (["face.edit", "--input", "face=history:{face}", "--input", "face=history:{face}"], 2, "takes one"),
        (["face.edit", "--input", "face=history:nope"], 1, "no such item"),
        (["face.edit", "--input", "face={other}"], 2, "this one is odd.w"),
        (["face.edit", "--input", "face={cut}"], 1, "cut short"),
        (["face.edit", "--input", "face={strange}"], 1, "no latent"),
        (["face.join", "--input", "pictures={latent}"], 1, "not a picture"),
        (["face.edit", "--input", "face=history:{face}", "--set", "directions=smyle=1"], 2, "'smile'"),
        (["face.edit", "--input", "face=history:{face}", "--set", "directions=smile=9"], 2, "-3 to 3"),
        (["face.edit", "--input", "face=history:{face}", "--set", "directions=smile"], 2, "name=number"),
        (["face.edit", "--input", "directions=history:{face}"], 2, "--set"),
        (["face.walk", "--set", "faces=a,b"], 2, "--input"),
    ],
)  # fmt: skip
def test_wrong_inputs_are_said(
    arguments: list[str], code: int, said: str, faces: Cli, tmp_path: Path
) -> None:
    places = {
        name: tmp_path / f"{name}.safetensors" for name in ("latent", "other", "cut", "strange")
    }
    face = _sample(faces)
    assert faces("history", "export", face, places["latent"]).code == 0
    whole = places["latent"].read_bytes()
    places["other"].write_bytes(whole.replace(b"toy.w", b"odd.w"))
    places["cut"].write_bytes(whole[:-5])
    places["strange"].write_bytes(whole.replace(b"folio.layout", b"other.layout"))
    png = tmp_path / "a.png"
    assert faces("history", "export", face, png).code == 0
    filled = [a.format(face=face, png=png, **places) for a in arguments]
    done = faces("generate", *filled)
    assert done.code == code, done.err
    assert said in done.err


def test_history_again_of_latents_and_films_makes_the_same(faces: Cli) -> None:
    face = _sample(faces)
    assert "the same bytes" in faces("history", "again", face).out
    assert faces("generate", "face.walk", *["--input", f"faces=history:{face}"] * 2).code == 0
    walk = _newest(faces)["id"]
    assert "the same bytes" in faces("history", "again", walk).out
    assert faces("generate", "face.edit", "--input", f"face=history:{face}").code == 0
    edited = _newest(faces)["id"]
    assert "the same bytes" in faces("history", "again", edited).out


def test_history_again_needs_no_input_to_be_in_the_history_still(
    faces: Cli, folio_home: Path
) -> None:
    face = _sample(faces)
    assert faces("generate", "face.edit", "--input", f"face=history:{face}").code == 0
    edited = _newest(faces)["id"]
    assert faces("generate", "face.join", *["--input", f"pictures=history:{face}"] * 2).code == 0
    joined = _newest(faces)["id"]
    history = History(folio_home / "data" / "history")
    history.remove(face)
    history.close()
    assert faces("history", "export", face, folio_home / "a.png").code == 1
    assert "the same bytes" in faces("history", "again", edited).out
    assert "the same pixels" in faces("history", "again", joined).out


def test_history_lists_shows_and_exports_latents_and_films(faces: Cli, tmp_path: Path) -> None:
    face = _sample(faces)
    inputs = ["--input", f"faces=history:{face}"] * 2
    assert faces("generate", "face.walk", *inputs, "--set", "format=png").code == 0
    walk = _newest(faces)["id"]
    listed = faces("history", "list").out
    assert "latent       32×32" in listed
    assert "video        32×32" in listed
    assert "toy.w: w (3,)" in faces("history", "show", face).out
    for item in (face, walk):
        assert faces("history", "export", item, tmp_path).code == 0
    (film,) = tmp_path.glob("*.zip")
    assert zipfile.ZipFile(film).namelist()[-1] == "00006.png"
    (picture,) = tmp_path.glob("*.png")
    assert read_png_record(picture.read_bytes()) is not None


def test_generators_tells_of_the_new_kinds_and_the_models_sliders(faces: Cli) -> None:
    edit = faces("generators", "face.edit").out
    assert "latent, needed, --input" in edit
    assert "--set directions=NAME=NUMBER,…" in edit
    assert "Of plain: smile, age, light." in edit
    walk = faces("generators", "face.walk").out
    assert "2 to 8 latents, needed, --input once for each" in walk


def test_film_that_history_cannot_keep_still_reaches_its_file(
    faces: Cli, home: Path, tmp_path: Path
) -> None:
    face = tmp_path / "face.safetensors"
    assert faces("generate", "face.sample", "-o", face).code == 0
    history = home / "data" / "history"
    blobs = list((history / "blobs").rglob("*"))
    out = tmp_path / "walk.mp4"
    (history / "history.sqlite").unlink()
    (history / "history.sqlite").mkdir()
    done = faces("generate", "face.walk", *["--input", f"faces={face}"] * 2, "-o", out)
    assert done.code == 0, done.err
    assert "not kept in the history" in done.err
    assert blobs
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) == 6
    assert not list((home / "cache").rglob("*.mp4"))
    assert read_safetensors_header(face).metadata


def test_pictures_of_every_size_and_damage_are_taken_or_refused_in_words(
    faces: Cli, tmp_path: Path
) -> None:
    tiny = tmp_path / "tiny.png"
    Image.new("LA", (1, 1), (7, 128)).save(tiny)
    out = tmp_path / "out.png"
    inputs = ["--input", f"pictures={tiny}"]
    assert faces("generate", "face.join", *inputs, *inputs, "-o", out).code == 0
    assert read_image(out).tolist() == [[[7, 7, 7, 128]] * 2]
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(huge)
    said = faces("generate", "face.join", *inputs, "--input", f"pictures={huge}")
    assert said.code == 1
    assert "far too many pixels; at most" in said.err
    cut = tmp_path / "cut.png"
    cut.write_bytes(huge.read_bytes()[:100])
    for name in (cut, tmp_path / "gone.png", tmp_path):
        refused = faces("generate", "face.join", *inputs, "--input", f"pictures={name}")
        assert refused.code == 1
        assert str(name) in refused.err
