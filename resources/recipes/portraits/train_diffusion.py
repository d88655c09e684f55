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
from latent_classifier import NOISE, attribute_loss, load_latent_classifier
from latents import load_latents, place_weights
from networks import make_scheduler, make_text_encoder, make_unet, save_pipeline
from torch import Tensor
from train_words import CHECKPOINT as WORDS
from train_words import TOKENIZER, draw_caption, token_ids
from training import WORK, Average, learning_rate, quick_floats
from training_loop import train
from transformers import CLIPTokenizer

CHECKPOINT = WORK / "diffusion.pt"
BATCH = 32
NO_CAPTION = 0.12
PEAK = 1.2e-3
HEARD_EVERY = 200
ATTRIBUTE_WEIGHTS = {
    "mouth": 0.05, "extra": 0.05, "hair_colour": 0.015, "clothes_colour": 0.015, "glasses": 0.015,
}  # fmt: skip
"""How much each named attribute counts beside the velocity: those that few places show, most."""


def draw_prompt(attributes: dict[str, Any], rng: random.Random) -> Caption:
    """A caption, or none: guidance needs to know what no words give."""
    return Caption("", frozenset()) if rng.random() < NO_CAPTION else draw_caption(attributes, rng)


class Trainer:
    """The networks, their averages and optimiser, the captions drawn anew for each step."""

    def __init__(self) -> None:
        self.latents, self.attributes = load_latents()
        self.tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
        unet, encoder = make_unet(), make_text_encoder(self.tokenizer)
        encoder.load_state_dict(torch.load(WORDS, weights_only=True)["encoder"])
        self.networks = torch.nn.ModuleDict({"unet": unet, "text_encoder": encoder})
        self.average = Average(self.networks)
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                self.networks.parameters(),
                lr=PEAK,
                betas=(0.9, 0.99),
                weight_decay=0.01,
                foreach=True,
            )
        ]
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

    def step(self, number: int, fraction: float) -> dict[str, float]:
        """One batch; its loss of the velocity and of the attributes, now and then how words help."""
        picked = torch.randint(0, len(self.latents), (BATCH,))
        captions = [draw_prompt(self.attributes[i], self.rng) for i in picked.tolist()]
        times = (torch.sigmoid(torch.randn(BATCH) * 1.2 + 0.3) * 1000).long().clamp(0, 999)
        texts, noise = [one.text for one in captions], torch.randn(BATCH, *self.latents.shape[1:])
        loss, clean = self.velocity_loss(picked, texts, times, noise)
        targets = {name: self.targets[name][picked] for name in ATTRIBUTE_WEIGHTS}
        read = self.classifier(clean + torch.rand(BATCH, 1, 1, 1) * NOISE * torch.randn_like(clean))
        attributes = attribute_loss(read, targets, captions, ATTRIBUTE_WEIGHTS)
        self.optimizers[0].zero_grad()
        (loss + attributes).backward()
        torch.nn.utils.clip_grad_norm_(self.networks.parameters(), 1.0)
        self.optimizers[0].step()
        self.average.update(self.networks)
        heard = self.heard() if (number + 1) % HEARD_EVERY == 0 else {}
        return {"loss": float(loss.detach()), "attributes": float(attributes.detach()), **heard}

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
            "optimizer": self.optimizers[0].state_dict(), "portraits": len(self.latents),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        self.networks.load_state_dict(state["networks"])
        self.average.module.load_state_dict(state["average"])
        self.optimizers[0].load_state_dict(state["optimizer"])
        self.average.updates = state["step"]
        self.rng.seed(state["step"])
        torch.manual_seed(state["step"])

    def save_model(self) -> None:
        made = self.average.module
        save_pipeline(made["unet"], made["text_encoder"], self.tokenizer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=150)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    train(
        Trainer(), CHECKPOINT, chosen.minutes,
        lambda fraction, step: learning_rate(fraction, step, PEAK),
    )  # fmt: skip


if __name__ == "__main__":
    main()
