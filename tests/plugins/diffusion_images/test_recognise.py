"""Checkpoints by their headers; parts of models named as what they are; the shipped configs fit."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelError
from studio.api.weights import read_safetensors_header
from studio.io.resources import resource
from studio_plugins.diffusion_images.checkpoint import config_folder
from studio_plugins.diffusion_images.recognise import INPAINTS, recognise
from tests.support.tiny_diffusion import tiny_pipeline

_IN = "model.diffusion_model.input_blocks.0.0.weight"
_CROSS = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
_CROSS_XL = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
_CLIP = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
_CLIP_XL = "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight"
_BIG_G = "conditioner.embedders.1.model.ln_final.weight"
_PLAIN = {_IN: (320, 4, 3, 3), "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}


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
        ({**_PLAIN, _CROSS: (320, 768), _CLIP: (49408, 768)}, "sd1"),
        ({**_PLAIN, _CROSS: (320, 1024), "cond_stage_model.model.ln_final.weight": (1024,)}, "sd2"),
        ({**_PLAIN, _CROSS_XL: (640, 2048), _CLIP_XL: (49408, 768), _BIG_G: (1280,)}, "sdxl"),
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
        ({_IN: (320, 8, 3, 3)}, "8 channels"),
        ({**_PLAIN, _CROSS_XL: (768, 1280)}, "refiner"),
        ({**_PLAIN, _CROSS: (320, 768)}, "no text encoder"),
        ({**_PLAIN, _CROSS_XL: (640, 2048), _CLIP_XL: (49408, 768)}, "no second text encoder"),
        ({_IN: (320, 4, 3, 3), _CROSS: (320, 768), _CLIP: (49408, 768)}, "no VAE"),
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


def test_folder_with_an_editing_unet_is_named_as_such(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    config = json.loads((folder / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps({**config, "in_channels": 8}))
    with pytest.raises(ModelError, match="8 channels"):
        recognise(folder)


def test_inpainting_models_say_what_they_are_made_for(tmp_path: Path) -> None:
    shapes = {**_PLAIN, _IN: (320, 9, 3, 3), _CROSS: (320, 768), _CLIP: (49408, 768)}
    for path in (
        tiny_pipeline(tmp_path, inpaints=True),
        _checkpoint(tmp_path / "m.safetensors", **shapes),
    ):
        facts = recognise(path)
        assert facts is not None
        assert INPAINTS in facts.notes


def test_parameters_are_counted_once_and_in_every_part(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path, xl=True)
    facts = recognise(folder)
    assert facts is not None
    counted = sum(
        read_safetensors_header(file).parameters for file in folder.rglob("*.safetensors")
    )
    for file in list(folder.rglob("*.safetensors")):
        for variant in ("fp16", "non_ema"):
            shutil.copy(file, file.with_suffix(f".{variant}.safetensors"))
    again = recognise(folder)
    assert again is not None
    assert facts.parameters == again.parameters == counted


def test_folder_of_another_pipeline_says_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline"}))
    with pytest.raises(ModelError, match="StableDiffusionXLPipeline"):
        recognise(tmp_path)


PUBLISHED_PARAMETERS: dict[str, dict[str, float]] = {
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

    with config_folder("sdxl", tmp_path) as folder:
        tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        assert (folder / "tokenizer_2" / "merges.txt").exists()
    assert list(tmp_path.iterdir()) == []
    assert len(tokenizer) == 49408
    # "a photo of a cat" as published in CLIP's own examples.
    assert tokenizer("a photo of a cat")["input_ids"] == [49406, 320, 1125, 539, 320, 2368, 49407]


def test_nine_channels_of_a_single_file_are_put_into_the_config(tmp_path: Path) -> None:
    with config_folder("sd1", tmp_path, 9) as folder:
        assert json.loads((folder / "unet" / "config.json").read_text())["in_channels"] == 9


def test_models_say_which_size_is_their_own(tmp_path: Path) -> None:
    facts = recognise(tiny_pipeline(tmp_path / "tiny"))
    assert facts is not None
    assert facts.own == {"width": 64, "height": 64, "resolution": 64}
    words = {"cond_stage_model.model.ln_final.weight": (1024,)}
    shapes: dict[str, tuple[int, ...]] = {**_PLAIN, _CROSS: (320, 1024), **words}
    for name, side in (("any", 768), ("v2-512-base", 512)):
        facts = recognise(_checkpoint(tmp_path / f"{name}.safetensors", **shapes))
        assert facts is not None
        assert facts.own["height"] == side
