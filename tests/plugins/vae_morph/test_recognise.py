"""VAE folders by content: taken, refused with the reason, and never mistaken for a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import ModelError
from studio.api.testing import InlineContext
from studio_plugins.diffusion_images.recognise import recognise as recognise_diffusion
from studio_plugins.llm_writer.recognise import recognise as recognise_language
from studio_plugins.vae_morph.loading import load_coder
from studio_plugins.vae_morph.recognise import recognise
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import info_of
from tests.support.tiny_vae import tiny_kl, tiny_taesd

WEIGHTS = "diffusion_pytorch_model.safetensors"


def _load(folder: Path, work: Path, **options: Any) -> Any:
    ctx = InlineContext(work, models={"tiny": info_of(folder, recognise)}, **options)
    return ctx.model("tiny", load_coder)


def test_both_kinds_are_taken_and_nobody_else_claims_them(tmp_path: Path) -> None:
    for make, name in ((tiny_kl, "AutoencoderKL"), (tiny_taesd, "AutoencoderTiny")):
        folder = make(tmp_path / name)
        facts = recognise(folder)
        assert facts is not None
        assert (facts.family, facts.format, facts.architecture) == ("vae", "diffusers", name)
        assert facts.parameters is not None
        assert facts.parameters > 1000
        assert recognise_diffusion(folder) is None
        assert recognise_language(folder) is None


def test_pipeline_stays_a_diffusion_model_and_its_vae_folder_is_a_vae(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    assert recognise(folder) is None
    facts = recognise(folder / "vae")
    assert facts is not None
    assert facts.family == "vae"
    assert facts.title == "model VAE"


def test_other_things_are_not_ours(tmp_path: Path) -> None:
    assert recognise(tmp_path) is None
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    assert recognise(tmp_path) is None
    (tmp_path / "config.json").write_text("[]")
    assert recognise(tmp_path) is None
    file = tmp_path / "x.safetensors"
    file.write_bytes(b"no")
    assert recognise(file) is None


def test_other_vaes_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_class_name": "AutoencoderKLWan"}')
    with pytest.raises(ModelError, match="AutoencoderKLWan"):
        recognise(tmp_path)


def test_truncated_missing_and_pickled_weights_are_said(tmp_path: Path) -> None:
    folder = tiny_kl(tmp_path)
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[:-100])
    with pytest.raises(ModelError, match="cut short"):
        recognise(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelError, match="no weights"):
        recognise(folder)
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(ModelError, match="pickles"):
        recognise(folder)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("latent_channels", 8, "latent_channels is 8"),
        ("in_channels", 4, "in_channels is 4"),
    ],
)
def test_config_that_says_other_channels_is_refused_at_once(
    key: str, value: int, said: str, tmp_path: Path
) -> None:
    folder = tiny_kl(tmp_path)
    _configure(folder, **{key: value})
    with pytest.raises(ModelError, match=said):
        recognise(folder)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("layers_per_block", 2, "lacks"),
        ("mid_block_add_attention", False, "has no place for"),
        ("block_out_channels", [8, 8, 16, 32], "can't be loaded"),
        ("norm_num_groups", 7, "can't be loaded"),
    ],
)
def test_config_that_does_not_fit_is_refused_by_the_loader(
    key: str, value: object, said: str, tmp_path: Path
) -> None:
    folder = tiny_kl(tmp_path / "vae")
    _configure(folder, **{key: value})
    with pytest.raises(ModelError, match=said):
        _load(folder, tmp_path)


def test_halves_of_different_scale_are_refused(tmp_path: Path) -> None:
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(0)
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 3,
        num_encoder_blocks=(1,) * 4, num_decoder_blocks=(1,) * 3,
    ).save_pretrained(tmp_path / "vae")  # fmt: skip
    with pytest.raises(ModelError, match="halves don't fit"):
        _load(tmp_path / "vae", tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(value: float, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = tiny_kl(tmp_path / "vae")
    tensors = load_file(folder / WEIGHTS)
    tensors["decoder.conv_in.weight"] = tensors["decoder.conv_in.weight"].copy()
    tensors["decoder.conv_in.weight"][0, 0, 0, 0] = value
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"decoder\.conv_in\.weight holds values"):
        _load(folder, tmp_path)


def test_half_precision_variants_are_read(tmp_path: Path) -> None:
    folder = tiny_kl(tmp_path / "vae")
    (folder / WEIGHTS).rename(folder / "diffusion_pytorch_model.fp16.safetensors")
    assert _load(folder, tmp_path).factor == 8


def test_mean_and_deviation_come_from_the_config(tmp_path: Path) -> None:
    listed = tiny_kl(
        tmp_path / "listed", latents_mean=[0.1, 0.2, 0.3, 0.4], latents_std=[1.0, 2.0, 3.0, 4.0]
    )
    whitening = _load(listed, tmp_path).whitening
    np.testing.assert_allclose(whitening.mean.ravel(), [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    np.testing.assert_allclose(whitening.deviation.ravel(), [1, 2, 3, 4])
    plain = tiny_kl(tmp_path / "plain", shift_factor=0.25)
    whitening = _load(plain, tmp_path).whitening
    np.testing.assert_allclose(whitening.mean, 0.25)
    np.testing.assert_allclose(whitening.deviation, 2)


def _configure(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **values}))
