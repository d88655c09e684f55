"""Train the portraits' denoiser and its text encoder: python train_diffusion.py --minutes 150. Resumes.

A latent diffusion model in the format of Stable Diffusion (Rombach et al. 2022), v-prediction (Salimans
and Ho 2022), its small text encoder, which already knows what captions name (train_words.py), trained with
it on captions drawn anew for each step.
"""

from __future__ import annotations

import argparse
import random
from typing import Any

import torch
from captions import Caption, caption
from classifier import targets_of
from latent_classifier import attribute_loss, load_latent_classifier
from latents import load_latents
from networks import make_scheduler, make_text_encoder, make_unet, save_pipeline
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from train_words import CHECKPOINT as WORDS
from train_words import TOKENIZER, draw_caption, token_ids
from training import (
    WORK,
    Average,
    Clock,
    learning_rate,
    quick_floats,
    save_checkpoint,
    set_learning_rate,
)
from transformers import CLIPTokenizer

CHECKPOINT = WORK / "diffusion.pt"
BATCH = 32
NO_CAPTION = 0.12
PEAK = 1.2e-3
ATTRIBUTE_WEIGHTS = {
    "mouth": 0.03, "extra": 0.03, "hair_colour": 0.01, "clothes_colour": 0.01, "glasses": 0.01,
}  # fmt: skip
"""How much each named attribute counts beside the velocity: those that few places show, most."""


def draw_prompt(attributes: dict[str, Any], rng: random.Random) -> Caption:
    """A caption, or none: guidance needs to know what no words give."""
    return Caption("", frozenset()) if rng.random() < NO_CAPTION else draw_caption(attributes, rng)


def place_weights() -> Tensor:
    """(16, 16), mean 1: mouth and ear, few places that few words name, count four times, the face twice.

    Portraits are always in the same place.
    """
    weight = torch.ones(16, 16)
    weight[5:14, 5:14] = 2
    weight[10:14, 7:13] = 4
    weight[9:12, 3:6] = 4
    return weight / weight.mean()


class Trainer:
    """The networks, their averages and optimiser, the captions drawn anew for each step."""

    def __init__(self) -> None:
        self.latents, self.attributes = load_latents()
        self.tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
        unet, encoder = make_unet(), make_text_encoder(self.tokenizer)
        encoder.load_state_dict(torch.load(WORDS, weights_only=True)["encoder"])
        self.networks = torch.nn.ModuleDict({"unet": unet, "text_encoder": encoder})
        self.average = Average(self.networks)
        self.optimizer = torch.optim.AdamW(
            self.networks.parameters(), lr=PEAK, betas=(0.9, 0.99), weight_decay=0.01, foreach=True
        )
        self.scheduler = make_scheduler()
        self.rng = random.Random(0)
        self.weight = place_weights()
        self.classifier, self.targets = load_latent_classifier(), targets_of(self.attributes, {})

    def velocity_loss(
        self, picked: Tensor, texts: list[str], times: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Mean squared error of the velocity, place by place as it counts; the clean latents predicted."""
        x = self.latents[picked]
        noisy = self.scheduler.add_noise(x, noise, times)
        target = self.scheduler.get_velocity(x, noise, times)
        with quick_floats():
            words = self.networks["text_encoder"](token_ids(self.tokenizer, texts))
            made = self.networks["unet"](noisy, times, words.last_hidden_state).sample.float()
        alpha = self.scheduler.alphas_cumprod[times][:, None, None, None]
        clean = alpha.sqrt() * noisy - (1 - alpha).sqrt() * made
        return ((made - target).square() * self.weight).mean(), clean

    def step(self) -> tuple[float, float]:
        """One batch; its loss of the velocity and of the attributes."""
        picked = torch.randint(0, len(self.latents), (BATCH,))
        captions = [draw_prompt(self.attributes[i], self.rng) for i in picked.tolist()]
        times = (torch.sigmoid(torch.randn(BATCH) * 1.2 + 0.3) * 1000).long().clamp(0, 999)
        texts, noise = [one.text for one in captions], torch.randn(BATCH, *self.latents.shape[1:])
        loss, clean = self.velocity_loss(picked, texts, times, noise)
        targets = {name: self.targets[name][picked] for name in ATTRIBUTE_WEIGHTS}
        attributes = attribute_loss(self.classifier(clean), targets, captions, ATTRIBUTE_WEIGHTS)
        self.optimizer.zero_grad()
        (loss + attributes).backward()
        torch.nn.utils.clip_grad_norm_(self.networks.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.networks)
        return float(loss.detach()), float(attributes.detach())

    @torch.no_grad()
    def heard(self) -> dict[str, float]:
        """How much the words help: the loss with the right captions, and with each other's."""
        with torch.random.fork_rng():
            torch.manual_seed(5)
            picked = torch.randint(0, len(self.latents), (96,))
            noise = torch.randn(96, *self.latents.shape[1:])
            times = torch.linspace(500, 999, 96).long()
        rng = random.Random(5)
        texts = [caption(self.attributes[i], rng, dropout=0.0).text for i in picked.tolist()]
        return {
            "right": float(self.velocity_loss(picked, texts, times, noise)[0]),
            "wrong": float(self.velocity_loss(picked, texts[1:] + texts[:1], times, noise)[0]),
        }

    def state(self) -> dict[str, Any]:
        return {
            "networks": self.networks.state_dict(), "average": self.average.module.state_dict(),
            "optimizer": self.optimizer.state_dict(), "portraits": len(self.latents),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        self.networks.load_state_dict(state["networks"])
        self.average.module.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.updates = state["step"]
        self.rng.seed(state["step"])
        torch.manual_seed(state["step"])

    def save_pipeline(self) -> None:
        made = self.average.module
        save_pipeline(made["unet"], made["text_encoder"], self.tokenizer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=150)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    trainer = Trainer()
    step, spent = 0, 0.0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        trainer.load(state)
        step, spent = state["step"], state["spent_s"]
    clock = Clock(chosen.minutes, spent)
    log = SummaryWriter(str(WORK / "runs" / "diffusion"))
    total, of_attributes, saved_at = 0.0, 0.0, spent
    while clock.fraction < 1:
        set_learning_rate(trainer.optimizer, learning_rate(clock.fraction, step, PEAK))
        loss, attributes = trainer.step()
        total, of_attributes = total + loss, of_attributes + attributes
        step += 1
        if step % 50 == 0:
            means = f"loss {total / 50:.4f} attributes {of_attributes / 50:.4f}"
            print(f"{step} {clock.spent_s:.0f}s {means}", flush=True)
            log.add_scalar("loss", total / 50, step)
            log.add_scalar("attributes", of_attributes / 50, step)
            total = of_attributes = 0.0
        if step % 200 == 0:
            heard = trainer.heard()
            print(
                f"{step} captions: right {heard['right']:.4f} wrong {heard['wrong']:.4f}",
                flush=True,
            )
            log.add_scalars("captions", heard, step)
        if clock.spent_s - saved_at > 240 or clock.fraction >= 1:
            saved_at = clock.spent_s
            save_checkpoint(CHECKPOINT, **trainer.state(), step=step, spent_s=clock.spent_s)
            trainer.save_pipeline()


if __name__ == "__main__":
    main()
