"""Folders and files of generators by content; what doesn't fit is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelError, ModelFacts
from studio_plugins.diffusion_images import folio_recognise_model as diffusion_recognises
from studio_plugins.faces_gan.recognise import inspect, recognise
from studio_plugins.llm_writer import folio_recognise_model as writer_recognises
from tests.support.tiny_gan import gan_file, gan_folder, tiny_vae


def known(path: Path) -> ModelFacts:
    facts: ModelFacts | None = recognise(path)
    assert facts is not None
    return facts


def change(folder: Path, **values: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_folder_with_decoder_inside_is_a_gan(tmp_path: Path) -> None:
    folder = gan_folder(tmp_path / "faces", attributes=True, rows=[(0, 1), (1, 2)])
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\nLimits: portraits only.\n")
    facts = known(folder)
    assert (facts.family, facts.format, facts.title) == ("gan", "folder", "faces")
    assert facts.licence == "cc0-1.0"
    assert facts.notes == ("Limits: portraits only.",)
    found = inspect(folder)
    assert found is not None
    assert found.has_rows
    assert found.slots[0].shares == (0.75, 0.25)
    assert found.decoder is not None
    assert found.decoder.mean == (0.1,) * 8


def test_folder_may_share_the_decoder_beside_it(tmp_path: Path) -> None:
    assert known(gan_folder(tmp_path / "gan", decoder="../vae")).family == "gan"
    change(tmp_path / "gan", decoder="vae")  # a plain name, too, is looked for beside it
    assert known(tmp_path / "gan").family == "gan"
    change(tmp_path / "gan", decoder="../vae")
    shutil.rmtree(tmp_path / "vae")
    with pytest.raises(ModelError, match=r"decoder '\.\./vae' is not there"):
        recognise(tmp_path / "gan")


def test_latents_statistics_may_stand_in_the_decoder(tmp_path: Path) -> None:
    folder = gan_folder(tmp_path / "gan")
    change(folder, latents=None)
    with pytest.raises(ModelError, match="mean of its latents"):
        recognise(folder)
    change(folder / "decoder", latents_mean=[0.5] * 8, latents_std=[2] * 8)
    found = inspect(folder)
    assert found is not None
    assert found.decoder is not None
    assert found.decoder.deviation == (2.0,) * 8


def test_folder_without_decoder_makes_pictures_itself(tmp_path: Path) -> None:
    assert known(gan_folder(tmp_path / "gan", decoder=None)).parameters
    with pytest.raises(ModelError, match="names no decoder"):
        recognise(gan_folder(tmp_path / "odd", decoder=None, img_channels=8))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"w_dim": 24}, r"mapping\.w_avg is of the shape"),
        ({"resolution": 32}, r"synthesis\.b32\.conv0\.affine\.weight is missing"),
        ({"resolution": 8}, "no place for"),
        ({"img_channels": 4}, "torgb"),
        ({"z_dim": "12"}, "no number"),
        ({"decoder": "../../elsewhere"}, "neither in its folder nor beside it"),
        ({"decoder": "/etc"}, "neither in its folder nor beside it"),
        ({"decoder": 7}, "no folder's name"),
        ({"latents": {"mean": [0], "deviation": [1]}}, "no list of 8 numbers"),
        ({"latents": {"mean": [0] * 8, "deviation": [0] * 8}}, "not above zero"),
        ({"attributes": [{"name": "hair", "values": ["long"]}]}, "c_dim is 0"),
        ({"attributes": "many"}, "no list"),
    ],
)
def test_config_that_does_not_fit_its_weights_is_named(
    tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    folder = gan_folder(tmp_path / "gan")
    change(folder, **values)
    with pytest.raises(ModelError, match=words):
        recognise(folder)


def test_decoder_of_other_channels_is_refused(tmp_path: Path) -> None:
    folder = gan_folder(tmp_path / "gan")
    shutil.rmtree(folder / "decoder")
    tiny_vae(folder / "decoder", channels=4)
    with pytest.raises(ModelError, match="its decoder doesn't take"):
        recognise(folder)


def test_folder_without_weights_or_with_cut_ones_is_refused(tmp_path: Path) -> None:
    folder = gan_folder(tmp_path / "gan")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(ModelError, match="cut short"):
        recognise(folder)
    weights.unlink()
    with pytest.raises(ModelError, match="no such file"):
        recognise(folder)


@pytest.mark.parametrize("prefix", ["", "G_ema.", "generator."])
def test_single_file_is_a_gan_by_its_names(tmp_path: Path, prefix: str) -> None:
    path = gan_file(tmp_path / "anime.safetensors", prefix)
    facts = known(path)
    assert (facts.format, facts.title) == ("safetensors", "anime")
    assert diffusion_recognises(path) is None


def test_conditional_file_says_how_many_classes(tmp_path: Path) -> None:
    facts = known(gan_file(tmp_path / "a.safetensors", c_dim=7))
    assert "7 classes" in facts.notes[0]


def test_single_file_of_latents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no decoder"):
        recognise(gan_file(tmp_path / "a.safetensors", img_channels=8))


def test_other_things_are_not_ours_and_ours_not_others(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_class_name": "AutoencoderKL"}')
    assert recognise(tmp_path) is None
    folder = gan_folder(tmp_path / "gan")
    assert diffusion_recognises(folder) is None
    assert writer_recognises(folder) is None
    assert recognise(folder / "decoder") is None
