"""The finished denoiser's ways from noise to portrait, for distilling: python draft_paths.py --count 4000.

Each way goes from pure noise in sixteen guided DDIM steps (Song et al. 2020), under a caption of the train
split; the latents at the begin and after each four steps are kept. Resumes; two processes can share the work
(--first). Kept apart for each state of the denoiser.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from evaluating import folder_mark
from latents import load_latents
from networks import MODEL, make_scheduler
from torch import Tensor
from train_words import draw_caption, token_ids
from training import WORK, load_split
from transformers import CLIPTextModel, CLIPTokenizer

STRETCHES, WITHIN, GUIDANCE = 4, 4, 3.0
"""Stretches of the noise, the denoiser's steps in each, and how strongly it is guided."""
STRETCH = 1000 // STRETCHES
SHARD = 32


def step_down(alphas: Tensor, x: Tensor, v: Tensor, times: Tensor, to: Tensor) -> Tensor:
    """One DDIM step from the predicted velocity.

    Args:
        alphas: Cumulated, by time; the last, at -1, is the picture's.
        x, v: (N, C, H, W). times, to: (N,) int64.
    """
    (a, b), (c, d) = scales(alphas, times), scales(alphas, to)
    return c * (a * x - b * v) + d * (a * v + b * x)


def scales(alphas: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """How much of the picture and of the noise there is at each time, (N, 1, 1, 1)."""
    alpha = alphas[times][:, None, None, None]
    return alpha.sqrt(), (1 - alpha).sqrt()


def all_alphas() -> Tensor:
    """(1001,): the scheduler's, and the one after the last step."""
    scheduler = make_scheduler()
    return torch.cat([scheduler.alphas_cumprod, scheduler.final_alpha_cumprod[None]])


def folder() -> Path:
    """Where the ways of the denoiser that now lies in its folder are kept."""
    return WORK / "draft-paths" / folder_mark(MODEL)


@torch.inference_mode()
def walk(unet: torch.nn.Module, words: Tensor, no_words: Tensor, noise: Tensor) -> Tensor:
    """(N, STRETCHES + 1, C, H, W): the latents where the stretches meet."""
    alphas, x, kept = all_alphas(), noise, [noise]
    both = torch.cat([no_words, words])
    for number in range(STRETCHES * WITHIN):
        begin = 999 - number * STRETCH // WITHIN
        to = max(999 - (number + 1) * STRETCH // WITHIN, -1)
        times, after = (torch.full((len(x),), time) for time in (begin, to))
        made = unet(torch.cat([x, x]), torch.cat([times, times]), both).sample
        without, heard = made.chunk(2)
        x = step_down(alphas, x, without + GUIDANCE * (heard - without), times, after)
        if (number + 1) % WITHIN == 0:
            kept.append(x)
    return torch.stack(kept, 1)


def main() -> None:
    from diffusers import UNet2DConditionModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--first", type=int, default=0, help="begin at this way")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    _, attributes = load_split("train")
    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(
        MODEL / "text_encoder", torch_dtype=torch.float32
    ).eval()
    unet = UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32).eval()
    shape = load_latents()[0].shape[1:]
    folder().mkdir(parents=True, exist_ok=True)
    for first in range(chosen.first - chosen.first % SHARD, chosen.count, SHARD):
        path = folder() / f"{first:06}.pt"
        if path.exists():
            continue
        rng, drawn = random.Random(first), torch.Generator().manual_seed(first)
        texts = [draw_caption(rng.choice(attributes), rng).text for _ in range(SHARD)]
        with torch.inference_mode():
            words, no_words = (
                encoder(token_ids(tokenizer, said)).last_hidden_state
                for said in (texts, [""] * SHARD)
            )
        ways = walk(unet, words, no_words, torch.randn(SHARD, *shape, generator=drawn))
        beside = path.with_suffix(f".part{chosen.first}")
        torch.save({"texts": texts, "ways": ways}, beside)
        beside.replace(path)
        print(f"{first + SHARD} of {chosen.count}", flush=True)


if __name__ == "__main__":
    main()
