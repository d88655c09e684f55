"""A judge of latents, so that the denoiser is told when a word went unheeded: python latent_judge.py.

Mouths and extras are six of 256 places, so the error of the velocity hardly tells a wrong mouth from a right
one. A small convolutional network, trained on the drawn portraits' latents with noise in them, reads the
attributes back from the clean latents that the denoiser predicts; its cross-entropy is added to the loss. It
never judges a finished picture: that is done by `classifier.py`, which sees pixels. A minute on one core.
"""

from __future__ import annotations

import argparse

import torch
from classifier import ATTRIBUTES
from latents import load_latents
from torch import Tensor, nn
from torch.nn import functional as F
from training import WORK, Average, learning_rate, save_checkpoint, set_learning_rate

CHECKPOINT = WORK / "latent-judge.pt"
BATCH, PEAK = 64, 2e-3
CHANNELS = 8


class LatentJudge(nn.Module):
    """(N, 8, 16, 16) latents to logits by attribute. The places are kept: parts are where they always are."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs, stride in ((CHANNELS, 48, 1), (48, 64, 1), (64, 64, 2), (64, 64, 1)):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride, 1),
                nn.GroupNorm(8, outputs),
                nn.SiLU(),
            ]
        self.trunk = nn.Sequential(
            *layers, nn.Flatten(), nn.Dropout(0.2), nn.Linear(64 * 64, 192), nn.SiLU()
        )
        self.heads = nn.ModuleDict(
            {name: nn.Linear(192, len(values)) for name, values in ATTRIBUTES.items()}
        )

    def forward(self, latents: Tensor) -> dict[str, Tensor]:
        seen = self.trunk(latents)
        return {name: head(seen) for name, head in self.heads.items()}


def classes(attributes: list[dict[str, str]]) -> dict[str, Tensor]:
    """Each attribute's class (N,) int64."""
    return {
        name: torch.tensor([values.index(one[name]) for one in attributes])
        for name, values in ATTRIBUTES.items()
    }


def load_judge() -> LatentJudge:
    judge = LatentJudge()
    judge.load_state_dict(torch.load(CHECKPOINT, weights_only=True)["average"])
    return judge.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(3)
    latents, attributes = load_latents()
    right = classes(attributes)
    held = len(latents) - 1000
    judge = LatentJudge()
    average = Average(judge, 0.99)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=PEAK, weight_decay=0.05, foreach=True)
    for step in range(chosen.steps):
        set_learning_rate(optimizer, learning_rate(step / chosen.steps, step, PEAK))
        picked = torch.randint(0, held, (BATCH,))
        x = latents[picked]
        x = x + torch.rand(BATCH, 1, 1, 1) * 0.6 * torch.randn_like(x)
        logits = judge(x)
        loss = torch.stack(
            [F.cross_entropy(logits[name], right[name][picked]) for name in ATTRIBUTES]
        ).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update(judge)
        if (step + 1) % 100 == 0:
            print(f"{step + 1} loss {float(loss.detach()):.3f}", flush=True)
    save_checkpoint(CHECKPOINT, average=average.module.state_dict())
    with torch.inference_mode():
        said = average.module.eval()(latents[held:])
    for name in ATTRIBUTES:
        share = float((said[name].argmax(1) == right[name][held:]).float().mean())
        print(f"{name} {share:.4f}", flush=True)


if __name__ == "__main__":
    main()
