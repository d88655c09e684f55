"""Measure the autoencoder on the test split: python evaluate_vae.py [--count 1000].

Writes figures/portrait-vae.json and sheets/portrait-vae.png: PSNR, and whether each attribute can still be
read in the reconstruction. An attribute that the classifier can't read in the render itself says nothing
about the autoencoder, so legibility is also given among those that it can.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from classifier import ATTRIBUTES, judge, load_classifier
from diffusers import AutoencoderKL
from evaluating import (
    SHEETS,
    distances,
    folder_mark,
    in_batches,
    split_features,
    trained,
    write_figures,
)
from measures import accuracy, edges, psnr
from sheets import pairs, save
from torch import Tensor
from training import MODELS, WORK, load_split, to_float

NAME = "portrait-vae"


@torch.inference_mode()
def reconstruct(vae: AutoencoderKL, pixels: Tensor) -> Tensor:
    """(N, 3, S, S) uint8, through the mean of the latent's distribution and back."""
    made = []
    for part in pixels.split(50):
        latents = vae.encode(to_float(part)).latent_dist.mean
        made.append(to_pixels(vae.decode(latents).sample))
    return torch.cat(made)


def to_pixels(x: Tensor) -> Tensor:
    """-1..1 to uint8."""
    return x.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)


def load_vae(folder: Path) -> AutoencoderKL:
    """In float32, whatever it is stored in."""
    return AutoencoderKL.from_pretrained(
        folder, torch_dtype=torch.float32, use_safetensors=True
    ).eval()


def legible(
    truth: dict[str, list[str]], before: dict[str, list[str]], after: dict[str, list[str]]
) -> dict[str, float]:
    """Per attribute: of those read rightly in the render, the share read rightly in the reconstruction."""
    found = {}
    for name, values in truth.items():
        kept = [a == t for t, b, a in zip(values, before[name], after[name], strict=True) if b == t]
        found[name] = sum(kept) / max(1, len(kept))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS / NAME)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    vae, classifier = load_vae(chosen.model), load_classifier()
    pixels, said = load_split("test")
    pixels, said = pixels[: chosen.count], said[: chosen.count]
    kept = WORK / "samples" / f"{NAME}-{folder_mark(chosen.model)}" / "test"
    made = in_batches(
        kept, len(pixels), 50, lambda part: reconstruct(vae, pixels[part.start : part.stop])
    )
    decibels = psnr(made, pixels)
    _, before = judge(classifier, pixels)
    features, after = judge(classifier, made)
    asked = [{name: one[name] for name in ATTRIBUTES} for one in said]
    truth = {name: [one[name] for one in said] for name in ATTRIBUTES}
    test, train = split_features(classifier, "test"), split_features(classifier, "train", 2000)
    shown = torch.arange(0, 16)
    save(pairs(pixels[shown], made[shown], 8), SHEETS / f"{NAME}.png", colours=255)
    worst = decibels.argsort()[:16]
    save(pairs(pixels[worst], made[worst], 8), SHEETS / f"{NAME}-worst.png", colours=255)
    write_figures(NAME, {
        "trained": trained(WORK / "vae.pt"),
        "trained_decoder": trained(WORK / "vae-decoder.pt"),
        "test_portraits": len(pixels),
        "psnr_db": {"mean": float(decibels.mean()), "least": float(decibels.min()),
                    "5_percent": float(decibels.quantile(0.05))},
        "edges": {"renders": edges(pixels), "reconstructions": edges(made)},
        "accuracy_of_renders": accuracy(asked, before),
        "accuracy_of_reconstructions": accuracy(asked, after),
        "legible": legible(truth, before, after),
        "distances": distances(features, train, test),
    })  # fmt: skip


if __name__ == "__main__":
    main()
