"""Reads attributes from latents, for the denoiser's loss: python latent_classifier.py. Begins anew each time.

A mouth or an earring is in few of the 256 places, so the error of the velocity hardly tells a wrong one from
a right one. This small network, trained on the drawn portraits' latents with noise in them, reads the
attributes from the clean latents that the denoiser predicts; its cross-entropy is added to the denoiser's
loss, as an auxiliary classifier's (Odena et al. 2017). It never judges a finished picture: `classifier.py`,
which is trained apart and sees pixels, does. A minute on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import torch
from captions import Caption
from classifier import ATTRIBUTES, targets_of
from latents import load_latents
from torch import Tensor, nn
from torch.nn import functional as F
from training import WORK, Average, learning_rate, save_checkpoint, set_learning_rate

CHECKPOINT = WORK / "latent-classifier.pt"
BATCH, PEAK = 64, 2e-3
HELD_OUT = 1000
NOISE = 0.6
"""The most noise in a latent, in deviations: predictions early in the noise are not clean either."""


class LatentClassifier(nn.Module):
    """(N, 8, 16, 16) latents to logits by attribute. The places are kept: parts are where they always are."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs, stride in ((8, 48, 1), (48, 64, 1), (64, 64, 2), (64, 64, 1)):
            convolution = nn.Conv2d(inputs, outputs, 3, stride, 1)
            layers += [convolution, nn.GroupNorm(8, outputs), nn.SiLU()]
        self.trunk = nn.Sequential(
            *layers, nn.Flatten(), nn.Dropout(0.2), nn.Linear(64 * 64, 192), nn.SiLU()
        )
        self.heads = nn.ModuleDict(
            {name: nn.Linear(192, len(values)) for name, values in ATTRIBUTES.items()}
        )

    def forward(self, latents: Tensor) -> dict[str, Tensor]:
        features = self.trunk(latents)
        return {name: head(features) for name, head in self.heads.items()}


def attribute_loss(
    logits: Mapping[str, Tensor],
    targets: Mapping[str, Tensor],
    captions: list[Caption],
    weights: Mapping[str, float],
) -> Tensor:
    """Weighted cross-entropy of the attributes that the captions name; the others may be anything.

    Args:
        logits: (N, values) by attribute.
        targets: (N,) int64 by attribute, what each portrait shows.
    """
    total = torch.zeros(())
    for name, weight in weights.items():
        named = torch.tensor([name in caption.said for caption in captions])
        errors = F.cross_entropy(logits[name], targets[name], reduction="none")
        total = total + weight * (errors * named).mean()
    return total


def load_latent_classifier() -> LatentClassifier:
    """The trained one, frozen.

    Raises:
        FileNotFoundError: it was not trained yet (python latent_classifier.py).
    """
    classifier = LatentClassifier()
    classifier.load_state_dict(torch.load(CHECKPOINT, weights_only=True)["average"])
    return classifier.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(3)
    latents, attributes = load_latents()
    targets = targets_of(attributes, {})
    held = len(latents) - HELD_OUT
    classifier = LatentClassifier()
    average = Average(classifier, 0.99)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=PEAK, weight_decay=0.05, foreach=True)
    for step in range(chosen.steps):
        set_learning_rate(optimizer, learning_rate(step / chosen.steps, step, PEAK))
        picked = torch.randint(0, held, (BATCH,))
        clean = latents[picked]
        logits = classifier(clean + torch.rand(BATCH, 1, 1, 1) * NOISE * torch.randn_like(clean))
        losses = [F.cross_entropy(logits[name], targets[name][picked]) for name in ATTRIBUTES]
        loss = torch.stack(losses).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update(classifier)
        if (step + 1) % 100 == 0:
            print(f"{step + 1} loss {float(loss.detach()):.3f}", flush=True)
    save_checkpoint(CHECKPOINT, average=average.module.state_dict())
    with torch.inference_mode():
        read = average.module.eval()(latents[held:])
    for name in ATTRIBUTES:
        right = read[name].argmax(1) == targets[name][held:]
        print(f"{name} {float(right.float().mean()):.4f}", flush=True)


if __name__ == "__main__":
    main()
