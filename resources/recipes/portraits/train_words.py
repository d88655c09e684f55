"""Teach the text encoder what the captions name, before the denoiser hears it: python train_words.py.

A text encoder that begins at random beside its denoiser tells it little for long: the denoiser learns to do
without. So it first learns to name the attributes. Each attribute has a query that looks at all the tokens,
as the denoiser's cross-attention will, and says the value, or that the caption doesn't say it. The queries
are left behind; `train_diffusion.py` begins with the encoder and trains it on. Minutes on one core.
"""

from __future__ import annotations

import argparse
import random
from typing import Any

import torch
from captions import Caption, Language, caption
from classifier import ATTRIBUTES
from networks import make_text_encoder
from tokens import make_tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from training import (
    WORK,
    Average,
    learning_rate,
    load_split,
    save_checkpoint,
    set_learning_rate,
)
from transformers import CLIPTokenizer

CHECKPOINT = WORK / "words.pt"
TOKENIZER = WORK / "tokenizer"
BATCH, PEAK = 64, 1.5e-3
CHINESE = 0.25


class Readers(nn.Module):
    """(N, T, width) to logits by attribute; the last class of each is "not said"."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(len(ATTRIBUTES), width) / width**0.5)
        self.keys = nn.Linear(width, width)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(width, len(values) + 1) for name, values in ATTRIBUTES.items()}
        )

    def forward(self, words: Tensor) -> dict[str, Tensor]:
        scores = torch.einsum("aw,ntw->nat", self.queries, self.keys(words)) / 4
        seen = scores.softmax(-1) @ words
        return {name: head(seen[:, slot]) for slot, (name, head) in enumerate(self.heads.items())}


def draw_captions(
    portraits: list[dict[str, Any]], count: int, rng: random.Random
) -> tuple[list[Caption], list[dict[str, Any]]]:
    """Captions of random portraits, and the portraits."""
    picked = rng.choices(portraits, k=count)
    return [draw_caption(one, rng) for one in picked], picked


def draw_caption(portrait: dict[str, Any], rng: random.Random) -> Caption:
    """In English or Chinese, with little or much left out."""
    language: Language = "zh" if rng.random() < CHINESE else "en"
    return caption(portrait, rng, dropout=rng.choice((0.0, 0.1, 0.3, 0.6)), language=language)


def answers(captions: list[Caption], portraits: list[dict[str, Any]]) -> dict[str, Tensor]:
    """Each attribute's right class (N,) int64."""
    return {
        name: torch.tensor(
            [
                values.index(one[name]) if name in said.said else len(values)
                for said, one in zip(captions, portraits, strict=True)
            ]
        )
        for name, values in ATTRIBUTES.items()
    }


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """(N, 48) int64, as a pipeline pads them."""
    made: Tensor = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")[
        "input_ids"
    ]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = random.Random(1)
    _, portraits = load_split("train")
    tokenizer = make_tokenizer(portraits, TOKENIZER)
    encoder = make_text_encoder(tokenizer)
    both = nn.ModuleDict({"encoder": encoder, "readers": Readers(encoder.config.hidden_size)})
    average = Average(both, 0.99)
    optimizer = torch.optim.AdamW(both.parameters(), lr=PEAK, weight_decay=0.01, foreach=True)
    step = 0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        both.load_state_dict(state["both"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step = average.updates = state["step"]
        rng.seed(step)
    while step < chosen.steps:
        captions, picked = draw_captions(portraits, BATCH, rng)
        set_learning_rate(optimizer, learning_rate(step / chosen.steps, step, PEAK))
        ids = token_ids(tokenizer, [one.text for one in captions])
        logits = both["readers"](both["encoder"](ids).last_hidden_state)
        right = answers(captions, picked)
        losses = [F.cross_entropy(logits[name], right[name]) for name in ATTRIBUTES]
        loss = torch.stack(losses).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimizer.step()
        average.update(both)
        step += 1
        if step % 50 == 0:
            print(f"{step} loss {float(loss.detach()):.3f}", flush=True)
        if step % 250 == 0 or step == chosen.steps:
            save_checkpoint(
                CHECKPOINT, both=both.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step,
                encoder=average.module["encoder"].state_dict(),
            )  # fmt: skip
    measure(average.module, tokenizer)


@torch.inference_mode()
def measure(both: Any, tokenizer: CLIPTokenizer) -> None:
    """Share of attributes named right in captions of test portraits, by language."""
    _, portraits = load_split("test")
    for language in ("en", "zh"):
        rng = random.Random(5)
        captions = [caption(one, rng, language=language) for one in portraits[:1000]]
        ids = token_ids(tokenizer, [one.text for one in captions])
        words = torch.cat([both["encoder"](part).last_hidden_state for part in ids.split(100)])
        logits = both["readers"](words)
        right = answers(captions, portraits[:1000])
        shares = {
            name: round(float((logits[name].argmax(1) == right[name]).float().mean()), 4)
            for name in ATTRIBUTES
        }
        print(language, shares, flush=True)


if __name__ == "__main__":
    main()
