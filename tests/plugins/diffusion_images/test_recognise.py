"""Checkpoints by their headers; parts of models named as what they are; the shipped configs fit."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelError
from studio.io.resources import resource
from studio_plugins.diffusion_images.loading import config_folder
from studio_plugins.diffusion_images.recognise import recognise

_IN = "model.diffusion_model.input_blocks.0.0.weight"
_CROSS = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


def _checkpoint(path: Path, **shapes: tuple[int, ...]) -> Path:
    """A sparse file with a true header: names and shapes as published, zeros for weights."""
    header: dict[str, Any] = {}
    offset = 0
    for name, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {
            "dtype": "F16",
            "shape": list(shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + offset)
    return path


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        ({_IN: (320, 4, 3, 3), _CROSS: (320, 768)}, "sd1"),
        ({_IN: (320, 4, 3, 3), _CROSS: (320, 1024)}, "sd2"),
        ({_IN: (320, 4, 3, 3), "conditioner.embedders.1.model.ln_final.weight": (1280,)}, "sdxl"),
    ],
)
def test_checkpoint_family_by_shapes(
    shapes: dict[str, tuple[int, ...]], family: str, tmp_path: Path
) -> None:
    facts = recognise(_checkpoint(tmp_path / "m.safetensors", **shapes))
    assert facts is not None
    assert (facts.family, facts.format, facts.architecture) == ("diffusion", "checkpoint", family)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({_IN: (320, 9, 3, 3)}, "9 channels"),
        (
            {_IN: (320, 4, 3, 3), "conditioner.embedders.0.model.ln_final.weight": (1280,)},
            "refiner",
        ),
        ({_IN: (320, 4, 3, 3), _CROSS: (320, 4096)}, "not known"),
        ({"lora_unet_down.lora_up.weight": (4, 4)}, "LoRA"),
        ({"control_model.time_embed.0.weight": (4, 4)}, "ControlNet"),
        ({"decoder.conv_in.weight": (4, 4)}, "VAE"),
    ],
)
def test_other_files_are_named_as_what_they_are(
    shapes: dict[str, tuple[int, ...]], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=said):
        recognise(_checkpoint(tmp_path / "m.safetensors", **shapes))


def test_folder_with_pickles_or_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(
        json.dumps({"_class_name": "StableDiffusionPipeline"})
    )
    (tmp_path / "unet").mkdir()
    with pytest.raises(ModelError, match="no weights"):
        recognise(tmp_path)
    (tmp_path / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="pickles"):
        recognise(tmp_path)


def test_folder_of_another_pipeline_says_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline"}))
    with pytest.raises(ModelError, match="StableDiffusionXLPipeline"):
        recognise(tmp_path)


PUBLISHED_PARAMETERS = {
    # Millions, as counted by the publishers' own weights: UNet, VAE, text encoder(s).
    "sd1": {"unet": 859.5, "vae": 83.7, "text_encoder": 123.1},
    "sd2v": {"unet": 865.9, "vae": 83.7, "text_encoder": 340.4},
    "sdxl": {"unet": 2567.5, "vae": 83.7, "text_encoder": 123.1, "text_encoder_2": 694.7},
}


@pytest.mark.parametrize("family", PUBLISHED_PARAMETERS)
def test_shipped_configs_build_networks_of_the_published_size(family: str) -> None:
    import diffusers
    import torch
    import transformers

    index = json.loads(resource("diffusion", family, "model_index.json").read_text())
    for part, millions in PUBLISHED_PARAMETERS[family].items():
        config = json.loads(resource("diffusion", family, part, "config.json").read_text())
        library, name = index[part]
        with torch.device("meta"):
            if library == "diffusers":
                network = getattr(diffusers, name).from_config(config)
            else:
                network = getattr(transformers, name)(transformers.CLIPTextConfig(**config))
        counted = sum(parameter.numel() for parameter in network.parameters()) / 1e6
        assert counted == pytest.approx(millions, abs=0.06), part


def test_shipped_vocabulary_tokenizes_as_clip_does(tmp_path: Path) -> None:
    from transformers import CLIPTokenizer

    folder = config_folder("sdxl", "x", tmp_path)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    assert len(tokenizer) == 49408
    # "a photo of a cat" as published in CLIP's own examples.
    assert tokenizer("a photo of a cat")["input_ids"] == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert (folder / "tokenizer_2" / "merges.txt").exists()


def test_sd2_files_are_taken_for_768_unless_named_base(tmp_path: Path) -> None:
    assert config_folder("sd2", "v2-1_768-ema", tmp_path).name == "config-sd2v"
    assert config_folder("sd2", "512-base-ema", tmp_path).name == "config-sd2"
