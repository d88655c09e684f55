"""Real diffusers pipelines, tiny and untrained, saved as the folders people bring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def clip_tokenizer(folder: Path) -> Any:
    """A real CLIPTokenizer over single letters."""
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = "abcdefghijklmnopqrstuvwxyz,.0123456789"
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocab, merges = folder / "vocab.json", folder / "merges.txt"
    vocab.write_text(json.dumps({word: index for index, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(str(vocab), str(merges), model_max_length=77)


def _unet(
    size: int,
    cross: int,
    xl: bool,
    base: int,
    channels: int,
    taken: int,
    guidance_width: int | None,
) -> Any:
    from diffusers import UNet2DConditionModel

    extra: dict[str, Any] = {"time_cond_proj_dim": guidance_width}
    if xl:
        extra |= {
            "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + 40,
        }  # fmt: skip
    return UNet2DConditionModel(
        sample_size=size, in_channels=taken, out_channels=channels, block_out_channels=(base, base * 2),
        layers_per_block=1, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=cross,
        attention_head_dim=8, norm_num_groups=8, **extra,
    )  # fmt: skip


def _vae(channels: int) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8, 16, 16), layers_per_block=1, latent_channels=channels, norm_num_groups=8,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=64, scaling_factor=0.5,
    )  # fmt: skip


def _text(tokenizer: Any, kind: str = "CLIPTextModel", width: int = 32) -> Any:
    import transformers

    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=77, projection_dim=width,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return getattr(transformers, kind)(config)


def tiny_pipeline(
    folder: Path,
    *,
    xl: bool = False,
    prediction: str = "epsilon",
    base: int = 16,
    channels: int = 4,
    inpaints: bool = False,
    scheduler: Any = None,
    guidance_width: int | None = None,
) -> Path:
    """A saved pipeline for 64 × 64 pictures. `base` 16 gives some 100,000 parameters, 128 some 15 M.

    XL's two text encoders are 24 and 40 wide, as the published ones differ too.

    Args:
        inpaints: The UNet takes the mask and what is around it too, as published inpainting models do.
        scheduler: Instead of DDIM.
        guidance_width: The UNet was distilled with its guidance as an input, embedded so wide.
    """
    import diffusers
    import torch

    torch.manual_seed(0)
    taken = 2 * channels + 1 if inpaints else channels
    kind = f"StableDiffusion{'XL' if xl else ''}{'Inpaint' if inpaints else ''}Pipeline"
    pipeline = getattr(diffusers, kind)
    tokenizer = clip_tokenizer(folder / "tokenizer-files")
    scheduler = scheduler or diffusers.DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=prediction,
        clip_sample=False, set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    pipe: Any
    if xl:
        pipe = pipeline(
            vae=_vae(channels), text_encoder=_text(tokenizer, width=24), tokenizer=tokenizer,
            unet=_unet(8, 64, True, base, channels, taken, guidance_width),
            text_encoder_2=_text(tokenizer, "CLIPTextModelWithProjection", 40), tokenizer_2=tokenizer,
            scheduler=scheduler, add_watermarker=False,
        )  # fmt: skip
    else:
        pipe = pipeline(
            vae=_vae(channels), text_encoder=_text(tokenizer), tokenizer=tokenizer,
            unet=_unet(8, 32, False, base, channels, taken, guidance_width),
            scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
        )  # fmt: skip
    pipe.save_pretrained(folder / "model", safe_serialization=True)
    return folder / "model"
