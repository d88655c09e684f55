"""Train the portraits' denoiser and its text encoder: python train_diffusion.py --minutes 80. Resumes.

A latent diffusion model in the format of Stable Diffusion (Rombach et al. 2022), v-prediction (Salimans
and Ho 2022), its small text encoder trained with it on captions drawn anew for each step.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from typing import Any

import torch
from captions import caption
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from latents import load_latents
from tokens import MAX_TOKENS, make_tokenizer
from torch.utils.tensorboard import SummaryWriter
from training import (
    MODELS,
    WORK,
    Average,
    Clock,
    learning_rate,
    quick_floats,
    save_checkpoint,
    save_half,
    set_learning_rate,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

MODEL = MODELS / "portrait-diffusion"
CHECKPOINT = WORK / "diffusion.pt"
BATCH = 32
WIDTH = 128
NO_CAPTION, CHINESE = 0.12, 0.25
PEAK = 1.2e-3


def make_networks(tokenizer: CLIPTokenizer) -> torch.nn.ModuleDict:
    """A thin level at 16 x 16, where a CPU's time goes, and the width below it."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH * 3, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=MAX_TOKENS, projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=8, out_channels=8, block_out_channels=(48, 96, 160), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=32, norm_num_groups=16,
    )  # fmt: skip
    unet.set_attn_processor(AttnProcessor())
    return torch.nn.ModuleDict({"unet": unet, "text_encoder": CLIPTextModel(config)})


def make_scheduler() -> DDIMScheduler:
    """The noise of Stable Diffusion; spaced so that few steps begin at pure noise (Lin et al. 2024)."""
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
        clip_sample=False, set_alpha_to_one=False, steps_offset=1, timestep_spacing="trailing",
    )  # fmt: skip


def draw_caption(attributes: dict[str, Any], rng: random.Random) -> str:
    if rng.random() < NO_CAPTION:
        return ""
    language = "zh" if rng.random() < CHINESE else "en"
    dropout = rng.choice((0.0, 0.1, 0.3, 0.6))
    return caption(attributes, rng, dropout=dropout, language=language).text


def save_pipeline(networks: Any, tokenizer: CLIPTokenizer) -> None:
    """The folder that `DiffusionPipeline.from_pretrained` loads, with the finished autoencoder in it."""
    for name in ("unet", "text_encoder"):
        save_half(networks[name], MODEL / name)
    (MODEL / "vae").mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "diffusion_pytorch_model.safetensors"):
        shutil.copyfile(MODELS / "portrait-vae" / name, MODEL / "vae" / name)
    make_scheduler().save_pretrained(MODEL / "scheduler")
    tokenizer.save_pretrained(MODEL / "tokenizer")
    index = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.0",
        "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [None, None],
        "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False,
    }  # fmt: skip
    (MODEL / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    rng = random.Random(0)
    latents, attributes = load_latents()
    tokenizer = make_tokenizer(attributes, MODEL / "tokenizer")
    networks = make_networks(tokenizer)
    average = Average(networks)
    optimizer = torch.optim.AdamW(
        networks.parameters(), lr=PEAK, betas=(0.9, 0.99), weight_decay=0.01, foreach=True
    )
    scheduler = make_scheduler()
    step, spent = 0, 0.0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        networks.load_state_dict(state["networks"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent, average.updates = state["step"], state["spent_s"], state["step"]
        rng.seed(step)
        torch.manual_seed(step)
    clock = Clock(chosen.minutes, spent)
    log = SummaryWriter(str(WORK / "runs" / "diffusion"))
    total, saved_at = 0.0, spent
    while clock.fraction < 1:
        picked = torch.randint(0, len(latents), (BATCH,))
        texts = [draw_caption(attributes[i], rng) for i in picked.tolist()]
        ids = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")[
            "input_ids"
        ]
        x = latents[picked]
        noise = torch.randn_like(x)
        times = (torch.sigmoid(torch.randn(BATCH) * 1.2 + 0.3) * 1000).long().clamp(0, 999)
        noisy = scheduler.add_noise(x, noise, times)
        target = scheduler.get_velocity(x, noise, times)
        set_learning_rate(optimizer, learning_rate(clock.fraction, step, PEAK))
        with quick_floats():
            words = networks["text_encoder"](ids).last_hidden_state
            made = networks["unet"](noisy, times, words).sample.float()
        loss = (made - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(networks.parameters(), 1.0)
        optimizer.step()
        average.update(networks)
        step += 1
        total += float(loss.detach())
        if step % 50 == 0:
            print(f"{step} {clock.spent_s:.0f}s loss {total / 50:.4f}", flush=True)
            log.add_scalar("loss", total / 50, step)
            total = 0.0
        if clock.spent_s - saved_at > 240 or clock.fraction >= 1:
            saved_at = clock.spent_s
            save_checkpoint(
                CHECKPOINT, networks=networks.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step, spent_s=clock.spent_s,
                portraits=len(latents),
            )  # fmt: skip
            save_pipeline(average.module, tokenizer)


if __name__ == "__main__":
    main()
