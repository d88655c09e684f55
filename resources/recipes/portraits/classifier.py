"""The judge of the portraits: python classifier.py [--steps 1100]. Resumes; measures itself at the end.

A small convolutional network trained on renders only, one head per attribute. It reads back what a made
picture shows, and its 256 features are the space in which KID, FID and nearest neighbours are measured.
So that the features see more than the attributes, further heads learn the drawings' exact parts and how
the picture was damaged: a network blind to blur would call a blurred portrait perfect.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from training import (
    WORK,
    Average,
    learning_rate,
    load_split,
    save_checkpoint,
    set_learning_rate,
    to_float,
)

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "skin": ("light", "tan", "brown", "dark"),
    "hair_colour": ("black", "brown", "blonde", "red", "grey", "blue", "pink", "green"),
    "hair": ("short", "curly", "long", "bob", "bun", "ponytail", "spiky", "bald"),
    "mouth": ("happy", "laughing", "surprised", "sad"),
    "glasses": ("none", "glasses", "sunglasses"),
    "beard": ("none", "beard"),
    "extra": ("none", "earrings", "flowers", "freckles"),
    "clothes": ("plain", "stripes", "hoodie", "collar"),
    "clothes_colour": (
        "red",
        "orange",
        "yellow",
        "green",
        "teal",
        "blue",
        "purple",
        "white",
        "black",
    ),
    "background": ("blue", "purple", "pink", "orange", "green", "yellow", "grey", "night"),
}
PARTS = ("head", "nose", "hair", "eyebrows", "eyes", "mouth")
DAMAGES = ("clean", "blurred", "noisy")
FEATURES = 256
IMPORTANCE = {"mouth": 2.0, "extra": 3.0}
"""The smallest things count more in the loss."""
BATCH, PEAK = 32, 2e-3
CHECKPOINT = WORK / "classifier.pt"


def _block(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    padding = (kernel - 1) // 2
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class Classifier(nn.Module):
    """(N, 3, 128, 128) in -1..1 to logits by name: attributes, then "part NAME" and "damage".

    Mouth and extras are 5 to 10 px, so two layers work at 64 and 32 px before anything is pooled, and the
    last map keeps its 8 × 8 places: a portrait's parts are always in the same places.
    """

    def __init__(self, parts: dict[str, int]) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.PixelUnshuffle(2),
            *_block(12, 24, 3, 1), *_block(24, 64, 4, 2), *_block(64, 64, 3, 1),
            *_block(64, 96, 4, 2), *_block(96, 64, 4, 2),
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(64 * 64, FEATURES), nn.BatchNorm1d(FEATURES), nn.ReLU(),
        )  # fmt: skip
        sizes = {name: len(values) for name, values in ATTRIBUTES.items()}
        sizes |= {f"part {name}": count for name, count in parts.items()}
        self.heads = nn.ModuleDict(
            {
                name: nn.Linear(FEATURES, size)
                for name, size in {**sizes, "damage": len(DAMAGES)}.items()
            }
        )

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 256) float32, not below 0."""
        made: torch.Tensor = self.trunk(x)
        return made

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.features(x)
        return {name: head(features) for name, head in self.heads.items()}


def damaged(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The batch moved, tinted and, each third, blurred or made noisy a little; and which (N,)."""
    count, side = len(x), x.shape[-1]
    top, left = torch.randint(0, 5, (2,)).tolist()
    x = F.pad(x, (2, 2, 2, 2), mode="replicate")[..., top : top + side, left : left + side]
    x = x * (0.97 + 0.06 * torch.rand(count, 3, 1, 1)) + (0.06 * torch.rand(count, 3, 1, 1) - 0.03)
    kind = torch.randint(0, len(DAMAGES), (count,))
    row = torch.tensor([0.25, 0.5, 0.25])
    kernel = (row[:, None] * row).expand(3, 1, 3, 3)
    soft, noisy = kind == 1, kind == 2
    sharp = x[soft]
    blurred = F.conv2d(F.pad(sharp, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)
    x[soft] = torch.lerp(sharp, blurred, 0.3 + 0.7 * torch.rand(len(sharp), 1, 1, 1))
    amount = 0.02 + 0.06 * torch.rand(int(noisy.sum()), 1, 1, 1)
    x[noisy] += torch.randn(len(amount), *x.shape[1:]) * amount
    return x, kind


def targets_of(said: list[dict[str, Any]], parts: dict[str, list[Any]]) -> dict[str, torch.Tensor]:
    """Each head's right answers (N,) int64."""
    made = {
        name: torch.tensor([values.index(one[name]) for one in said])
        for name, values in ATTRIBUTES.items()
    }
    for name, values in parts.items():
        made[f"part {name}"] = torch.tensor([values.index(one["nuisance"][name]) for one in said])
    return made


def weights_of(target: torch.Tensor, classes: int) -> torch.Tensor:
    """Rare classes count more: by the root of how much rarer they are."""
    share = torch.bincount(target, minlength=classes).clamp(min=1).float().rsqrt()
    return share / share[target].mean()


def load_classifier(checkpoint: Path = CHECKPOINT) -> Classifier:
    """The trained judge, ready to judge.

    Raises:
        FileNotFoundError: it was not trained yet (python classifier.py).
    """
    state = torch.load(checkpoint, weights_only=True)
    classifier = Classifier({name: len(values) for name, values in state["parts"].items()})
    classifier.load_state_dict(state["average"])
    return classifier.eval().to(memory_format=torch.channels_last)


@torch.inference_mode()
def judge(
    classifier: Classifier, pixels: torch.Tensor
) -> tuple[torch.Tensor, dict[str, list[str]]]:
    """Features (N, 256) and each attribute's value as read, from (N, 3, 128, 128) uint8."""
    features = []
    for part in pixels.split(100):
        x = to_float(part).contiguous(memory_format=torch.channels_last)
        features.append(classifier.features(x))
    joined = torch.cat(features)
    read = {
        name: [values[index] for index in classifier.heads[name](joined).argmax(1).tolist()]
        for name, values in ATTRIBUTES.items()
    }
    return joined, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1100)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    pixels, said = load_split("train")
    parts = {name: sorted({one["nuisance"][name] for one in said}) for name in PARTS}
    targets = targets_of(said, parts)
    classifier = Classifier({name: len(values) for name, values in parts.items()})
    classifier = classifier.to(memory_format=torch.channels_last)
    weights = {
        name: weights_of(target, classifier.heads[name].out_features)
        for name, target in targets.items()
    }
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=PEAK, weight_decay=0.02, foreach=True)
    average = Average(classifier, 0.99)
    step, spent = 0, 0.0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        classifier.load_state_dict(state["classifier"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent, average.updates = state["step"], state["spent_s"], state["step"]
    began_s, saved_at_s = time.process_time() - spent, spent
    while step < chosen.steps:
        index = torch.randint(0, len(pixels), (BATCH,))
        x, damage = damaged(to_float(pixels[index]))
        set_learning_rate(optimizer, learning_rate(step / chosen.steps, step, PEAK))
        logits = classifier(x.contiguous(memory_format=torch.channels_last))
        losses = {
            name: F.cross_entropy(logits[name], target[index], weights[name])
            for name, target in targets.items()
        }
        loss = sum(
            one * IMPORTANCE.get(name, 1.0 if name in ATTRIBUTES else 0.2)
            for name, one in losses.items()
        )
        loss = loss + 0.5 * F.cross_entropy(logits["damage"], damage)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update(classifier)
        for ours, theirs in zip(average.module.buffers(), classifier.buffers(), strict=True):
            ours.copy_(theirs)
        step += 1
        spent_s = time.process_time() - began_s
        if step % 50 == 0:
            each = {name: float(losses[name].detach()) for name in ATTRIBUTES}
            worst = max(each, key=lambda name: each[name])
            print(
                f"{step} {spent_s:.0f}s loss {sum(each.values()):.3f} {worst} {each[worst]:.3f}",
                flush=True,
            )
        if spent_s - saved_at_s > 60 or step == chosen.steps:
            saved_at_s = spent_s
            save_checkpoint(
                CHECKPOINT, classifier=classifier.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step, spent_s=spent_s, parts=parts,
            )  # fmt: skip
    measure()


def measure() -> None:
    """Accuracy on the test split, into figures/classifier.json."""
    torch.set_num_threads(1)
    classifier = load_classifier()
    pixels, said = load_split("test")
    _, read = judge(classifier, pixels)
    accuracy = {
        name: sum(value == one[name] for value, one in zip(values, said, strict=True)) / len(said)
        for name, values in read.items()
    }
    state = torch.load(CHECKPOINT, weights_only=True)
    figures = {
        "test_portraits": len(said),
        "steps": state["step"],
        "batch": BATCH,
        "minutes_of_one_core": round(state["spent_s"] / 60, 1),
        "accuracy": accuracy,
    }
    (WORK / "figures").mkdir(exist_ok=True)
    (WORK / "figures" / "classifier.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
