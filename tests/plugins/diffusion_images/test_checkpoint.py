"""Single files, read by the library's own conversion: tiny networks in the published layout."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, ModelError, ModelInfo
from studio.api.testing import InlineLoading
from studio.api.weights import SafetensorsHeader, TensorFact
from studio.io.resources import resource
from studio_plugins.diffusion_images import checkpoint
from studio_plugins.diffusion_images.checkpoint import (
    config_name,
    load_with_configs,
    prediction_told,
)
from studio_plugins.diffusion_images.loading import load_painter
from studio_plugins.diffusion_images.recognise import recognise
from tests.support.single_file import Family, checkpoint_tensors, write_checkpoint
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import info_of


def _pipeline(folder: Path) -> Any:
    import diffusers

    return diffusers.DiffusionPipeline.from_pretrained(
        folder, local_files_only=True, use_safetensors=True
    )


def _draw(pipe: Any) -> Any:
    import torch

    pipe.set_progress_bar_config(disable=True)
    return pipe(
        "a red fox",
        num_inference_steps=2,
        generator=torch.Generator("cpu").manual_seed(3),
        output_type="np",
    ).images[0]


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_single_file_draws_what_its_folder_draws(family: Family, tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path, xl=family == "sdxl")
    pipe = _pipeline(folder)
    path = write_checkpoint(tmp_path / "whole.safetensors", pipe.components, family)
    loading = InlineLoading(_info(path, folder), tmp_path)
    read = load_with_configs(path, folder, loading)
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if part in pipe.components:
            expected = pipe.components[part].state_dict()
            got = read.components[part].state_dict()
            assert {k: v.tolist() for k, v in got.items()} == {
                k: v.tolist() for k, v in expected.items()
            }
    np.testing.assert_allclose(_draw(read), _draw(pipe), atol=1e-4)
    assert loading.checks >= 3


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_single_file_for_inpainting_loads_as_its_folder_does(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_pipeline(tmp_path, xl=family == "sdxl", inpaints=True)
    parts = _pipeline(folder).components
    path = write_checkpoint(tmp_path / "m.safetensors", parts, family)
    info = _info(path, folder)
    facts = info.facts.model_copy(update={"architecture": family})
    # The tiny folder stands in for the shipped configs, which are of the published size.
    monkeypatch.setattr(
        checkpoint, "config_folder", lambda _, __, channels: _with_channels(folder, channels)
    )
    loading = InlineLoading(info.model_copy(update={"facts": facts}), tmp_path)
    painter = load_painter(loading).value
    assert painter.inpaints
    expected, got = parts["unet"].state_dict(), painter.pipe.unet.state_dict()
    assert {k: v.tolist() for k, v in got.items()} == {k: v.tolist() for k, v in expected.items()}


def _with_channels(folder: Path, channels: int) -> contextlib.nullcontext[Path]:
    """As `config_folder` does: the shipped configs say 4, the file says how many there are."""
    file = folder / "unet" / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "in_channels": channels}))
    return contextlib.nullcontext(folder)


def test_cancel_between_the_parts_of_a_single_file(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    path = write_checkpoint(tmp_path / "m.safetensors", _pipeline(folder).components, "sd1")
    for at in (1, 2, 3):
        loading = InlineLoading(_info(path, folder), tmp_path, cancel_at=at)
        with pytest.raises(Cancelled):
            load_with_configs(path, folder, loading)


@pytest.mark.parametrize("family", ["sd1", "sd2", "sd2v", "sdxl"])
def test_shipped_configs_name_every_tensor_of_a_published_file(family: str) -> None:
    """At full size on the meta device, through the library's own conversion and back."""
    import diffusers
    import torch
    import transformers
    from diffusers.loaders import single_file_utils as library

    index = json.loads(resource("diffusion", family, "model_index.json").read_text())
    parts: dict[str, Any] = {}
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if part not in index:
            continue
        config = json.loads(resource("diffusion", family, part, "config.json").read_text())
        with torch.device("meta"):
            if index[part][0] == "diffusers":
                parts[part] = getattr(diffusers, index[part][1]).from_config(config)
            else:
                made = transformers.CLIPTextConfig(**config)
                parts[part] = getattr(transformers, index[part][1])(made)
    layout: Any = family.removesuffix("v")
    tensors = checkpoint_tensors(parts, layout)
    # As counted in the published files, without the buffers that some of them carry along.
    assert len(tensors) == {"sd1": 1130, "sd2": 1214, "sdxl": 2513}[layout]
    unet = library.convert_ldm_unet_checkpoint(tensors, dict(parts["unet"].config))
    vae = library.convert_ldm_vae_checkpoint(tensors, dict(parts["vae"].config))
    for read, network in ((unet, parts["unet"]), (vae, parts["vae"])):
        expected = {name: value.shape for name, value in network.state_dict().items()}
        assert {name: value.shape for name, value in read.items()} == expected


def test_a_file_of_another_size_than_its_family_is_said(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    path = write_checkpoint(tmp_path / "m.safetensors", _pipeline(folder).components, "sd1")
    with pytest.raises(ModelError, match="can't be loaded"):
        load_painter(InlineLoading(_info(path, folder), tmp_path))


@pytest.mark.parametrize(
    "prefix", ["first_stage_model.decoder.up.1.", "cond_stage_model.transformer.text_model.enc"]
)
def test_a_file_that_lacks_weights_is_never_filled_with_noise(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file, save_file

    folder = tiny_pipeline(tmp_path)
    path = write_checkpoint(tmp_path / "m.safetensors", _pipeline(folder).components, "sd1")
    save_file({k: v for k, v in load_file(path).items() if not k.startswith(prefix)}, path)
    # The tiny folder stands in for the shipped configs, which are of the published size.
    monkeypatch.setattr(checkpoint, "config_folder", lambda *_: contextlib.nullcontext(folder))
    with pytest.raises(ModelError, match=r"missing|lacks"):
        load_painter(InlineLoading(_info(path, folder), tmp_path))


def _info(path: Path, folder: Path) -> ModelInfo:
    """A tiny checkpoint as the store would know it, were its widths the published ones."""
    info = info_of(folder, recognise)
    facts = info.facts.model_copy(update={"format": "checkpoint", "architecture": "sd1"})
    return info.model_copy(update={"path": path, "facts": facts})


def _header(metadata: dict[str, str], *names: str) -> SafetensorsHeader:
    return SafetensorsHeader({name: TensorFact("F16", ()) for name in names}, metadata, 0)


def test_what_a_file_says_of_its_prediction_is_believed() -> None:
    assert prediction_told(_header({})) is None
    assert prediction_told(_header({"modelspec.prediction_type": "v"})) == "v_prediction"
    assert prediction_told(_header({"modelspec.prediction_type": "epsilon"})) == "epsilon"
    assert prediction_told(_header({}, "v_pred", "ztsnr")) == "v_prediction"


def test_sd2_files_are_taken_for_768_unless_they_or_their_names_say_else() -> None:
    assert config_name("sd2", _header({}), "v2-1_768-ema") == "sd2v"
    assert config_name("sd2", _header({}), "512-base-ema") == "sd2"
    assert config_name("sd2", _header({}), "sd2-inpainting") == "sd2"
    assert config_name("sd2", _header({"modelspec.prediction_type": "epsilon"}), "mine") == "sd2"
    assert config_name("sdxl", _header({}), "512") == "sdxl"
