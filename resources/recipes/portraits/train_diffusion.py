"""Train the portraits' denoiser and its text encoder: python train_diffusion.py STEPS. Resumes."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from captions import caption, vocabulary
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from train_vae import make_vae
from training import (
    MODEL,
    WORK,
    Average,
    learning_rate,
    load_pixels,
    quick_floats,
    save_checkpoint,
    save_half,
    to_float,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

BATCH = 32
WIDTH = 128
NO_CAPTION = 0.12
CHECKPOINT = WORK / "diffusion.pt"


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's byte-level BPE over the captions' words; any other text still tokenizes, byte by byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(b) for b in printable] + [chr(256 + n) for n in range(256 - len(printable))]
    merges: dict[tuple[str, str], None] = {}
    for word in vocabulary():
        pieces = [*word[:-1], f"{word[-1]}</w>"]
        while len(pieces) > 1:
            merges[(pieces[0], pieces[1])] = None
            pieces[:2] = ["".join(pieces[:2])]
    words = letters + [f"{letter}</w>" for letter in letters]
    words += [
        *list(dict.fromkeys("".join(pair) for pair in merges)),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(
        json.dumps({w: i for i, w in enumerate(words)}, ensure_ascii=False)
    )
    lines = "\n".join(f"{a} {b}" for a, b in merges)
    (folder / "merges.txt").write_text(f"#version: 0.2\n{lines}\n")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=32
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_networks(tokenizer: CLIPTokenizer, latent_side: int) -> torch.nn.ModuleDict:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH * 3, num_hidden_layers=3,
        num_attention_heads=4, max_position_embeddings=32, projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=latent_side, in_channels=8, out_channels=8, block_out_channels=(96, 128),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=WIDTH,
        attention_head_dim=32, norm_num_groups=16,
    )  # fmt: skip
    unet.set_attn_processor(AttnProcessor())
    return torch.nn.ModuleDict({"unet": unet, "text_encoder": CLIPTextModel(config)})


def make_scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
        clip_sample=False, set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip


@torch.no_grad()
def encode_all() -> tuple[torch.Tensor, list[dict[str, str]]]:
    """Scaled latent means of the training pictures, and their attributes."""
    done = torch.load(WORK / "vae-done.pt", weights_only=True)
    pixels, lines = load_pixels("train")
    vae = make_vae(pixels.shape[-1])
    vae.load_state_dict(done["vae"])
    vae.eval()
    with quick_floats():
        latents = [
            vae.encode(to_float(part)).latent_dist.mean.float() for part in pixels.split(100)
        ]
    return torch.cat(latents) * done["scale"], [json.loads(line) for line in lines]


def main(steps: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = random.Random(0)
    latents, attributes = encode_all()
    tokenizer = make_tokenizer(MODEL / "tokenizer")
    networks = make_networks(tokenizer, latents.shape[-1])
    average = Average(networks)
    optimizer = torch.optim.AdamW(
        networks.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01, foreach=True
    )
    scheduler = make_scheduler()
    first = 0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        networks.load_state_dict(state["networks"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    started, total = time.monotonic(), 0.0
    for step in range(first, steps):
        chosen = torch.randint(0, len(latents), (BATCH,))
        texts = [
            "" if rng.random() < NO_CAPTION else caption(attributes[i], rng)
            for i in chosen.tolist()
        ]
        ids = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")[
            "input_ids"
        ]
        x = latents[chosen]
        noise = torch.randn_like(x)
        times = (torch.sigmoid(torch.randn(BATCH) * 1.2 + 0.3) * 1000).long().clamp(0, 999)
        noisy = scheduler.add_noise(x, noise, times)
        target = scheduler.get_velocity(x, noise, times)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, 1e-3)
        with quick_floats():
            words = networks["text_encoder"](ids).last_hidden_state
            made = networks["unet"](noisy, times, words).sample.float()
        loss = (made - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(networks.parameters(), 1.0)
        optimizer.step()
        average.update(networks)
        total += float(loss)
        if (step + 1) % 100 == 0:
            speed = (step + 1 - first) / (time.monotonic() - started)
            print(f"{step + 1} loss {total / 100:.4f} {speed:.2f}/s", flush=True)
            total = 0.0
        if (step + 1) % 500 == 0 or step + 1 == steps:
            save_checkpoint(
                CHECKPOINT, networks=networks.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step + 1,
            )  # fmt: skip
            save_pipeline(average.module, tokenizer)


def save_pipeline(networks: Any, tokenizer: CLIPTokenizer) -> None:
    """The folder that DiffusionPipeline.from_pretrained loads; the VAE is in it already."""
    for name in ("unet", "text_encoder"):
        save_half(networks[name], MODEL / name)
    make_scheduler().save_pretrained(MODEL / "scheduler")
    tokenizer.save_pretrained(MODEL / "tokenizer")
    index = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [None, None],
        "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False,
    }  # fmt: skip
    (MODEL / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
