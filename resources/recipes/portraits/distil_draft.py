"""Distil the few-step variant: python distil_draft.py --minutes 40. Resumes.

Four stretches of the noise, as four trailing DDIM steps would cross them. The finished denoiser crosses a
stretch in several guided steps; the student learns to land at the same place in one step, without guidance:
progressive distillation (Salimans and Ho 2022) of guided steps (Meng et al. 2023), both halvings at once. The
first stretch begins at pure noise, the others at portraits with that much noise in them.
"""

from __future__ import annotations

import argparse
import random
from typing import Any

import torch
from latents import load_latents
from networks import DRAFT, make_scheduler, make_text_encoder, make_unet, save_pipeline
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from train_diffusion import CHECKPOINT as TEACHER
from train_words import TOKENIZER, draw_caption, token_ids
from training import (
    WORK,
    Average,
    Clock,
    learning_rate,
    save_checkpoint,
    set_learning_rate,
)
from transformers import CLIPTokenizer

CHECKPOINT = WORK / "draft.pt"
BATCH, PEAK = 32, 3e-4
STEPS, WITHIN, GUIDANCE = 4, 4, 3.0
"""Steps of the student, steps of the teacher for each of them, and how strongly the teacher is guided."""
STRETCH = 1000 // STEPS


class Distillation:
    """Teacher and student, and what the teacher does in a stretch."""

    def __init__(self) -> None:
        self.latents, self.attributes = load_latents()
        self.tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
        self.teacher, self.encoder = make_unet(), make_text_encoder(self.tokenizer)
        kept = torch.load(TEACHER, weights_only=True)["average"]
        for name, network in (("unet", self.teacher), ("text_encoder", self.encoder)):
            begin = f"{name}."
            network.load_state_dict(
                {key[len(begin) :]: v for key, v in kept.items() if key.startswith(begin)}
            )
            network.eval().requires_grad_(False)
        self.student = make_unet()
        self.student.load_state_dict(self.teacher.state_dict())
        self.average = Average(self.student, 0.99)
        self.optimizer = torch.optim.AdamW(
            self.student.parameters(), lr=PEAK, betas=(0.9, 0.99), weight_decay=0.0, foreach=True
        )
        self.rng = random.Random(0)
        scheduler = make_scheduler()
        self.alphas = torch.cat([scheduler.alphas_cumprod, scheduler.final_alpha_cumprod[None]])
        """By time; the last, at -1, is the picture's."""

    def _scales(self, times: Tensor) -> tuple[Tensor, Tensor]:
        alpha = self.alphas[times][:, None, None, None]
        return alpha.sqrt(), (1 - alpha).sqrt()

    def step_down(self, x: Tensor, v: Tensor, times: Tensor, to: Tensor) -> Tensor:
        """One DDIM step (Song et al. 2020) from the predicted velocity."""
        (a, b), (c, d) = self._scales(times), self._scales(to)
        return c * (a * x - b * v) + d * (a * v + b * x)

    @torch.no_grad()
    def cross(self, x: Tensor, begin: Tensor, words: Tensor, no_words: Tensor) -> Tensor:
        """The guided teacher's way through the stretch."""
        both = torch.cat([no_words, words])
        for number in range(WITHIN):
            times = begin - number * STRETCH // WITHIN
            to = (begin - (number + 1) * STRETCH // WITHIN).clamp(min=-1)
            without, heard = self.teacher(
                torch.cat([x, x]), torch.cat([times, times]), both
            ).sample.chunk(2)
            x = self.step_down(x, without + GUIDANCE * (heard - without), times, to)
        return x

    def step(self) -> float:
        picked = torch.randint(0, len(self.latents), (BATCH,))
        texts = [draw_caption(self.attributes[i], self.rng).text for i in picked.tolist()]
        with torch.no_grad():
            words, no_words = (
                self.encoder(token_ids(self.tokenizer, said)).last_hidden_state
                for said in (texts, [""] * BATCH)
            )
        begin = 999 - STRETCH * torch.randint(0, STEPS, (BATCH,))
        noise = torch.randn(BATCH, *self.latents.shape[1:])
        a, b = self._scales(begin)
        pure = (begin == 999)[:, None, None, None]
        x = torch.where(pure, noise, a * self.latents[picked] + b * noise)
        landed = self.cross(x, begin, words, no_words)
        to = (begin - STRETCH).clamp(min=-1)
        v = self.student(x, begin, words).sample
        off = self.step_down(x, v, begin, to) - landed
        # Each stretch counts by how far a step in it goes.
        (a, b), (c, d) = self._scales(begin), self._scales(to)
        loss = (off / (d * a - c * b)).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.student)
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        return {
            "student": self.student.state_dict(), "average": self.average.module.state_dict(),
            "optimizer": self.optimizer.state_dict(), "portraits": len(self.latents),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        self.student.load_state_dict(state["student"])
        self.average.module.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.updates = state["step"]
        self.rng.seed(state["step"])
        torch.manual_seed(state["step"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    run = Distillation()
    step, spent = 0, 0.0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        run.load(state)
        step, spent = state["step"], state["spent_s"]
    clock = Clock(chosen.minutes, spent)
    log = SummaryWriter(str(WORK / "runs" / "draft"))
    total, saved_at = 0.0, spent
    while clock.fraction < 1:
        set_learning_rate(run.optimizer, learning_rate(clock.fraction, step, PEAK))
        total += run.step()
        step += 1
        if step % 10 == 0:
            print(f"{step} {clock.spent_s:.0f}s loss {total / 10:.4f}", flush=True)
            log.add_scalar("loss", total / 10, step)
            total = 0.0
        if clock.spent_s - saved_at > 240 or clock.fraction >= 1:
            saved_at = clock.spent_s
            save_checkpoint(CHECKPOINT, **run.state(), step=step, spent_s=clock.spent_s)
            save_pipeline(run.average.module, run.encoder, run.tokenizer, DRAFT)


if __name__ == "__main__":
    main()
