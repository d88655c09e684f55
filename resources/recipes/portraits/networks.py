"""The denoiser's and its text encoder's shape, and the folder both are shipped in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from tokens import MAX_TOKENS
from training import MODELS, save_half
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

MODEL = MODELS / "portrait-diffusion"
DRAFT = MODELS / "portrait-draft"
WIDTH = 128


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH * 3, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=MAX_TOKENS, projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return CLIPTextModel(config)


def make_unet() -> UNet2DConditionModel:
    """A thin level at 16 x 16, where a CPU's time goes, and the width below it.

    `attention_head_dim` is the number of heads, whatever its name says: four of 24 and of 40 channels.
    """
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=8, out_channels=8, block_out_channels=(48, 96, 160), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=16,
    )  # fmt: skip
    unet.set_attn_processor(AttnProcessor())
    return unet


def make_scheduler() -> DDIMScheduler:
    """The noise of Stable Diffusion; spaced so that few steps begin at pure noise (Lin et al. 2024)."""
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
        clip_sample=False, set_alpha_to_one=False, steps_offset=1, timestep_spacing="trailing",
    )  # fmt: skip


def save_pipeline(
    unet: Any, text_encoder: Any, tokenizer: CLIPTokenizer, folder: Path = MODEL
) -> None:
    """The folder that `DiffusionPipeline.from_pretrained` loads, with the finished autoencoder in it."""
    save_half(unet, folder / "unet")
    save_half(text_encoder, folder / "text_encoder")
    (folder / "vae").mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "diffusion_pytorch_model.safetensors"):
        shutil.copyfile(MODELS / "portrait-vae" / name, folder / "vae" / name)
    make_scheduler().save_pretrained(folder / "scheduler")
    tokenizer.save_pretrained(folder / "tokenizer")
    index = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.0",
        "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [None, None],
        "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False,
    }  # fmt: skip
    (folder / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")
