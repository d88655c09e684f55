"""Distil the few-step variant: python distil_draft.py --minutes 30. Resumes.

The denoiser's own guided ways from noise to portrait (draft_paths.py) have four stretches, as four trailing
DDIM steps would cross them; the student learns to cross each in one step and without guidance: progressive
distillation (Salimans and Ho 2022) of guided steps (Meng et al. 2023), all halvings at once, along the
denoiser's own ways, so that it learns from the latents that it will meet.
"""

from __future__ import annotations

import argparse
from typing import Any

import torch
from draft_paths import STRETCH, STRETCHES, all_alphas, folder, scales, step_down
from latents import place_weights
from networks import DRAFT, MODEL, save_pipeline
from torch import Tensor
from train_words import token_ids
from training import WORK, Average, learning_rate
from training_loop import train
from transformers import CLIPTextModel, CLIPTokenizer

CHECKPOINT = WORK / "draft.pt"
BATCH, PEAK = 32, 4e-4


def load_ways() -> tuple[list[str], Tensor]:
    """The captions, and (N, STRETCHES + 1, C, H, W).

    Raises:
        FileNotFoundError: there are none of this denoiser yet.
    """
    shards = [torch.load(path, weights_only=True) for path in sorted(folder().glob("*.pt"))]
    if not shards:
        raise FileNotFoundError(f"No ways in {folder()}: run draft_paths.py first.")
    return [text for shard in shards for text in shard["texts"]], torch.cat(
        [shard["ways"] for shard in shards]
    )


def crossing_loss(
    alphas: Tensor, student: Any, ways: Tensor, stretch: Tensor, words: Tensor
) -> Tensor:
    """How far the student's one step ends from where the way goes, as an error of the velocity.

    Args:
        ways: (N, STRETCHES + 1, C, H, W). stretch: (N,) int64, which one each crosses.
        words: (N, tokens, width), the encoded captions.
    """
    rows = torch.arange(len(ways))
    x, landed = ways[rows, stretch], ways[rows, stretch + 1]
    begin = 999 - STRETCH * stretch
    to = (begin - STRETCH).clamp(min=-1)
    v = student(x, begin, words).sample
    off = step_down(alphas, x, v, begin, to) - landed
    # Each stretch counts by how far a step in it goes.
    (a, b), (c, d) = scales(alphas, begin), scales(alphas, to)
    return ((off / (d * a - c * b)).square() * place_weights()).mean()


class Distillation:
    """The student, begun as the denoiser, and what it follows."""

    def __init__(self) -> None:
        from diffusers import UNet2DConditionModel

        self.texts, self.ways = load_ways()
        self.tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
        self.encoder = CLIPTextModel.from_pretrained(
            MODEL / "text_encoder", torch_dtype=torch.float32
        ).eval()
        self.student = UNet2DConditionModel.from_pretrained(
            MODEL / "unet", torch_dtype=torch.float32
        ).train()
        self.average = Average(self.student, 0.99)
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                self.student.parameters(),
                lr=PEAK,
                betas=(0.9, 0.99),
                weight_decay=0.0,
                foreach=True,
            )
        ]
        self.alphas = all_alphas()

    def step(self, number: int, fraction: float) -> dict[str, float]:
        picked = torch.randint(0, len(self.ways), (BATCH,))
        with torch.no_grad():
            said = token_ids(self.tokenizer, [self.texts[i] for i in picked.tolist()])
            words = self.encoder(said).last_hidden_state
        stretch = torch.randint(0, STRETCHES, (BATCH,))
        loss = crossing_loss(self.alphas, self.student, self.ways[picked], stretch, words)
        self.optimizers[0].zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizers[0].step()
        self.average.update(self.student)
        return {"loss": float(loss.detach())}

    def state(self) -> dict[str, Any]:
        return {
            "student": self.student.state_dict(), "average": self.average.module.state_dict(),
            "optimizer": self.optimizers[0].state_dict(), "ways": len(self.ways),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        self.student.load_state_dict(state["student"])
        self.average.module.load_state_dict(state["average"])
        self.optimizers[0].load_state_dict(state["optimizer"])
        self.average.updates = state["step"]

    def save_model(self) -> None:
        save_pipeline(self.average.module, self.encoder, self.tokenizer, DRAFT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    train(
        Distillation(), CHECKPOINT, chosen.minutes,
        lambda fraction, step: learning_rate(fraction, step, PEAK),
    )  # fmt: skip


if __name__ == "__main__":
    main()
